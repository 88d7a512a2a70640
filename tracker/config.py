"""config.toml and the environment -> one frozen Config; every fault is reported at once, in the user's words."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from tracker.errors import ConfigurationError

DATABASE_URL_VARIABLE = "DUNGHEN_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Where the web application listens and how it guards its accounts; times in minutes."""

    host: str
    port: int
    allowed_hosts: tuple[str, ...]
    session_minutes: int
    failed_logins_before_lock: int
    lock_minutes: int


@dataclass(frozen=True, slots=True)
class DeadlineConfig:
    """When a dossier counts as due soon: working days left, and share of its limit."""

    due_soon_days: int
    due_soon_share: Fraction


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """Bounds of reading a file."""

    chunk_rows: int
    max_file_mib: int


@dataclass(frozen=True, slots=True)
class LetterConfig:
    """Dated rules of the apology letter; days are working days unless the decree says else."""

    reappointment_days: int


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a person may tune."""

    path: Path
    data_dir: Path
    database_url: str = field(repr=False)  # may hold a password
    calendar_key: str
    web: WebConfig
    deadlines: DeadlineConfig
    ingest: IngestConfig
    letters: LetterConfig
    score_edition: str


# section.key -> (type, check, what is expected)
Check = tuple[type, Callable[[Any], bool], str]
WHOLE = "số nguyên từ {} đến {}"


def _whole(low: int, high: int) -> Check:
    return int, lambda value: low <= value <= high, WHOLE.format(low, high)


def _text(*choices: str) -> Check:
    wanted = "một trong: " + ", ".join(choices) if choices else "chữ"
    return str, lambda value: not choices or value in choices, wanted


KEYS: Mapping[str, Check] = {
    "store.data_dir": (str, lambda value: bool(value.strip()), "tên thư mục"),
    "store.database_url": _text(),
    "web.host": (str, lambda value: bool(value.strip()), "địa chỉ máy"),
    "web.port": _whole(1, 65535),
    "web.allowed_hosts": (list, lambda value: all(isinstance(v, str) for v in value), "danh sách tên máy"),
    "web.session_minutes": _whole(5, 1440),
    "web.failed_logins_before_lock": _whole(3, 100),
    "web.lock_minutes": _whole(1, 1440),
    "calendar.key": (str, lambda value: bool(value.strip()), "khóa của một lịch làm việc, như A hoặc B"),
    "deadlines.due_soon_days": _whole(0, 30),
    "deadlines.due_soon_share": (float, lambda value: 0 <= value <= 1, "số từ 0 đến 1"),
    "ingest.chunk_rows": _whole(100, 1_000_000),
    "ingest.max_file_mib": _whole(1, 65_536),
    "letters.reappointment_days": _whole(1, 120),
    "score.edition": (str, lambda value: bool(value.strip()), "tên phiên bản"),
}


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read and check the file at `path`; the database URL of the environment goes before the file's.

    Raises:
        ConfigurationError: with every fault found: unreadable file, unknown or missing key, wrong type or range.
    """
    values = _checked(_flat(_read(path)), path)
    env = os.environ if environment is None else environment
    data_dir = (path.parent / values["store.data_dir"]).resolve()
    return Config(
        path=path,
        data_dir=data_dir,
        database_url=env.get(DATABASE_URL_VARIABLE) or values["store.database_url"] or _sqlite_in(data_dir),
        calendar_key=values["calendar.key"],
        web=_web(values),
        deadlines=DeadlineConfig(
            values["deadlines.due_soon_days"], Fraction(str(values["deadlines.due_soon_share"]))
        ),
        ingest=IngestConfig(values["ingest.chunk_rows"], values["ingest.max_file_mib"]),
        letters=LetterConfig(values["letters.reappointment_days"]),
        score_edition=values["score.edition"],
    )


def _sqlite_in(data_dir: Path) -> str:
    return f"sqlite:///{(data_dir / 'dunghen.sqlite3').as_posix()}"


def _web(values: Mapping[str, Any]) -> WebConfig:
    return WebConfig(
        host=values["web.host"],
        port=values["web.port"],
        allowed_hosts=tuple(values["web.allowed_hosts"]),
        session_minutes=values["web.session_minutes"],
        failed_logins_before_lock=values["web.failed_logins_before_lock"],
        lock_minutes=values["web.lock_minutes"],
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError([f"không đọc được tệp {path}: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"tệp {path} không đúng cú pháp TOML: {error}"]) from error


def _flat(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{section}.{key}": value
        for section, content in tree.items()
        for key, value in (content.items() if isinstance(content, dict) else {"": content}.items())
    }


def _checked(given: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    faults = [f"{path}: không có mục nào tên [{key.replace('.', '] ')}" for key in given if key not in KEYS]
    faults += [f"{path}: thiếu {_name(key)} (cần {KEYS[key][2]})" for key in KEYS if key not in given]
    faults += [
        f"{path}: {_name(key)} = {given[key]!r}: cần {KEYS[key][2]}"
        for key in KEYS
        if key in given and not _fits(given[key], KEYS[key])
    ]
    if faults:
        raise ConfigurationError(faults)
    return given


def _name(key: str) -> str:
    section, name = key.split(".", 1)
    return f"[{section}] {name}"


def _fits(value: Any, check: Check) -> bool:
    kind, holds, _wanted = check
    if isinstance(value, bool):
        return False
    if kind is float and isinstance(value, int):
        value = float(value)
    return isinstance(value, kind) and holds(value)
