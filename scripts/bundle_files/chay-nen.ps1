# Đúng Hẹn tự chạy khi máy khởi động, không cần ai đăng nhập. Mở PowerShell bằng quyền quản trị:
#   powershell -ExecutionPolicy Bypass -File C:\DungHen\chay-nen.ps1            (bỏ: thêm -Remove)
param([switch]$Remove)
$ErrorActionPreference = "Stop"
$name = "DungHen"
$folder = $PSScriptRoot

if ($Remove) {
    Stop-ScheduledTask -TaskName $name -ErrorAction SilentlyContinue
    Unregister-ScheduledTask -TaskName $name -Confirm:$false
    Write-Host "Không tự chạy nữa. Dữ liệu còn nguyên trong $folder."
    return
}
$program = Join-Path $folder ".venv\Scripts\dunghen.exe"
if (-not (Test-Path $program)) { throw "Không thấy $program. Hãy chạy install.ps1 trước." }

# Trong thư mục có tên người và khóa: chỉ quản trị (S-1-5-32-544), hệ thống (S-1-5-18) và tài khoản dịch vụ (S-1-5-19) vào được.
& icacls $folder /inheritance:r /grant:r "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" "*S-1-5-19:(OI)(CI)M" /T /Q | Out-Null
if ($LASTEXITCODE) { throw "Không đặt được quyền của thư mục $folder." }

# Dịch vụ không có cửa sổ: nhật ký vận hành ghi vào tệp (docs\logs.md). Giữ nguyên nếu cơ quan đã đặt thư mục.
$config = Join-Path $folder "config.toml"
$text = [IO.File]::ReadAllText($config)
if ($text -notmatch '(?m)^\[log\]') { $text += "`n[log]`nfolder = `"log`"`n" }
else { $text = $text -replace '(?ms)(^\[log\].*?^folder = )""', '$1"log"' }
[IO.File]::WriteAllText($config, $text, (New-Object Text.UTF8Encoding $false))

$action = New-ScheduledTaskAction -Execute $program -Argument "serve --all" -WorkingDirectory $folder
$trigger = New-ScheduledTaskTrigger -AtStartup
$principal = New-ScheduledTaskPrincipal -UserId "LOCALSERVICE" -LogonType ServiceAccount -RunLevel Limited
$settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
    -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
    -StartWhenAvailable -MultipleInstances IgnoreNew
Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Principal $principal -Settings $settings -Force | Out-Null
Start-ScheduledTask -TaskName $name
Write-Host "Đúng Hẹn đang chạy và sẽ tự chạy khi máy khởi động. Dừng: Stop-ScheduledTask $name. Nhật ký: $folder\var\log"
