# Cài Đúng Hẹn từ thư mục này, không cần mạng:  powershell -ExecutionPolicy Bypass -File install.ps1 [-Target C:\DungHen]
param([string]$Target = "C:\DungHen", [string]$Python = "py")
$ErrorActionPreference = "Stop"
Set-Location -Path $PSScriptRoot

foreach ($line in Get-Content -Encoding UTF8 SHA256SUMS) {
    $sum, $name = $line -split "  ", 2
    if ((Get-FileHash -Algorithm SHA256 -LiteralPath $name).Hash -ne $sum) {
        throw "Tệp bị hỏng hoặc bị sửa: $name. Hãy chép lại bộ cài."
    }
}
$listed = @(Get-Content -Encoding UTF8 SHA256SUMS).Count
$found = @(Get-ChildItem -Recurse -File -Force | Where-Object { $_.Name -ne "SHA256SUMS" }).Count
if ($listed -ne $found) { throw "Bộ cài có tệp lạ hoặc thiếu tệp ($found tệp, danh sách ghi $listed)." }
# Thư viện trong bộ cài là của Python 3.11; "py -3" có thể là bản khác trên cùng máy.
$own = if ($Python -eq "py") { @("-3.11") } else { @() }
$version = & $Python @own -c "import sys; print('%d.%d' % sys.version_info[:2])"
if ($version -ne "3.11") { throw "Cần Python 3.11, cài cho mọi người dùng của máy (đang thấy: $version)." }

New-Item -ItemType Directory -Force -Path $Target | Out-Null
# Bản trước được giữ nguyên bên cạnh: quay-lui.ps1 đổi lại tên. Cài dở thì bản trước trở về chỗ cũ.
$venv = "$Target\.venv"
$previous = "$Target\.venv-truoc"
if (Test-Path $venv) {
    if (Test-Path $previous) { Remove-Item -Recurse -Force $previous }
    Move-Item $venv $previous
}
try {
    & $Python @own -m venv $venv
    if ($LASTEXITCODE) { throw "Không tạo được môi trường Python." }
    $pip = "$venv\Scripts\python.exe"
    & $pip -m pip install --quiet --disable-pip-version-check --no-index --require-hashes --find-links wheels -r requirements.txt
    if ($LASTEXITCODE) { throw "Không cài được thư viện." }
    & $pip -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall (Get-Item dunghen-*.whl).FullName
    if ($LASTEXITCODE) { throw "Không cài được chương trình." }
} catch {
    if (Test-Path $venv) { Remove-Item -Recurse -Force $venv }
    if (Test-Path $previous) { Move-Item $previous $venv }
    Write-Host "Cài không xong; những gì có trước đó vẫn như cũ."
    throw
}
if (-not (Test-Path "$Target\config.toml")) { Copy-Item config.toml "$Target\config.toml" }
Copy-Item -Force quay-lui.ps1 "$Target\quay-lui.ps1"
Copy-Item -Force chay-nen.ps1 "$Target\chay-nen.ps1"
Write-Host "Đã cài vào $Target. Chạy thử: $Target\.venv\Scripts\dunghen.exe serve --all"
Write-Host "Tự chạy khi máy khởi động: mở PowerShell bằng quyền quản trị, chạy $Target\chay-nen.ps1"
Write-Host "Nâng cấp: dừng chương trình, cài, rồi dunghen db upgrade. Quay lui: dunghen db rollback --yes, rồi quay-lui.ps1."
