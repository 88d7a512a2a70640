# Đổi lại bản chương trình trước lần cài gần nhất, không cần mạng:  powershell -ExecutionPolicy Bypass -File quay-lui.ps1
# Dừng chương trình trước. Cơ sở dữ liệu đã nâng cấp thì quay lui nó trước: .venv\Scripts\dunghen.exe db rollback --yes
$ErrorActionPreference = "Stop"
Set-Location -Path $PSScriptRoot
if (-not (Test-Path ".venv-truoc")) { throw "Không có bản trước (.venv-truoc)." }
Move-Item ".venv" ".venv-doi"
Move-Item ".venv-truoc" ".venv"
Move-Item ".venv-doi" ".venv-truoc"
& ".venv\Scripts\dunghen.exe" --version
