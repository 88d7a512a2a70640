"""Values of the configuration that are read out of several keys, and those that are right alone and cannot be meant together."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

# Followed by the connector's name in capitals: "user:password" or "client_id:client_secret".
PULL_SECRET_VARIABLE = "DUNGHEN_PULL_SECRET_"


def pull_secret_of(connector: str) -> str:
    """The environment variable that holds what a connector logs in with."""
    return PULL_SECRET_VARIABLE + connector.upper().replace("-", "_")


def backup_key_in(values: Mapping[str, Any], path: Path) -> Path | None:
    """The file of the key that backups are encrypted with; a relative one lies beside the configuration."""
    named = values["backup.key_file"].strip()
    return (path.parent / named).resolve() if named else None


def retention_of(values: Mapping[str, Any]) -> tuple[tuple[date, int], ...]:
    """(first day of the end, years), the earliest first."""
    rules = (entry.split(" ") for entry in values["privacy.keep_years"])
    return tuple(sorted((date.fromisoformat(day), int(years)) for day, years in rules))


def contradictions(given: Mapping[str, Any], path: Path) -> list[str]:
    """Values that are right each by itself and cannot be meant together, one sentence each."""
    faults = []
    if given["audit.seal_to"] and not (given["mail.host"] and given["mail.sender"]):
        faults.append(
            f"{path}: [audit] seal_to: cần [mail] host và sender, nếu không niêm phong không gửi đi được"
        )
    if given["sign_on.issuer"] and not given["sign_on.client_id"].strip():
        faults.append(
            f"{path}: [sign_on] client_id: cần tên mà nhà cung cấp danh tính đặt cho chương trình này"
        )
    if not given["web.password_login"] and not given["sign_on.issuer"]:
        faults.append(
            f"{path}: [web] password_login: chỉ tắt được khi có [sign_on] issuer, nếu không chẳng ai vào được"
        )
    names = [pull_secret_of(entry.split(" ")[0]) for entry in given["pull.connectors"]]
    if len(set(names)) < len(names):
        faults.append(f"{path}: [pull] connectors: mỗi hệ thống cần một tên riêng")
    days = [day for day, _years in retention_of(given)]
    if len(set(days)) < len(days):
        faults.append(f"{path}: [privacy] keep_years: hai quy tắc cùng một ngày bắt đầu")
    return faults + _key_beside(given, path)


def _key_beside(given: Mapping[str, Any], path: Path) -> list[str]:
    """A key that lies in what it locks, or beside the locked copies, locks nothing."""
    key, data = backup_key_in(given, path), (path.parent / given["store.data_dir"]).resolve()
    folders = {
        "[store] data_dir": data,
        "[store] backup_dir": (data / given["store.backup_dir"].strip()).resolve(),
    }
    return [
        f"{path}: [backup] key_file: phải nằm ngoài {name}, để ai lấy được bản sao lưu thì không có khóa"
        for name, folder in folders.items()
        if key is not None and key.is_relative_to(folder)
    ][:1]
