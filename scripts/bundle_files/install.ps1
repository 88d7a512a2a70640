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
$version = if ($Python -eq "py") { & py -3 -c "import sys; print(sys.version_info >= (3, 11))" } else { & $Python -c "import sys; print(sys.version_info >= (3, 11))" }
if ($version -ne "True") { throw "Cần Python 3.11 trở lên." }

New-Item -ItemType Directory -Force -Path $Target | Out-Null
if (-not (Test-Path "$Target\.venv\Scripts\python.exe")) {
    if ($Python -eq "py") { & py -3 -m venv "$Target\.venv" } else { & $Python -m venv "$Target\.venv" }
}
$pip = "$Target\.venv\Scripts\python.exe"
& $pip -m pip install --quiet --disable-pip-version-check --no-index --require-hashes --find-links wheels -r requirements.txt
if ($LASTEXITCODE) { throw "Không cài được thư viện." }
& $pip -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall (Get-Item dunghen-*.whl).FullName
if ($LASTEXITCODE) { throw "Không cài được chương trình." }
if (-not (Test-Path "$Target\config.toml")) { Copy-Item config.toml "$Target\config.toml" }
Write-Host "Đã cài vào $Target. Chạy: $Target\.venv\Scripts\dunghen.exe serve --all"
