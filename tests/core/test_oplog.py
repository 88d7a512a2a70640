"""The operating log: what a line may hold, that none of it is ever anybody's, and that no log fails whoever writes to it."""

import io
import json
import logging
import re
import sqlite3
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import oplog
from app.context import AppContext
from app.oplog import faults, forms, writing
from app.oplog.entries import MOST_BYTES, Source, as_json, as_words, entry_of
from app.oplog.events import BOUND, EVENTS, INFO, LEVELS
from app.oplog.outlets import Folder, Unwritable
from tracker.config import load_config
from tracker.config_keys import LATER
from tracker.errors import WorkFailed

ROOT = Path(__file__).parents[2]
SOURCE = Source("web", 42)
AT = 1_790_000_000.5
NAME, PHONE, CITIZEN, CODE = "Nguyễn Văn Bịa", "0912345678", "066099000417", "H15.03-220301-0001"
TYPED = (
    NAME,
    "Nguyen Van Bia",
    PHONE,
    CITIZEN,
    int(CITIZEN),
    CODE,
    "a\nb",
    "\x1b[31mđỏ",
    "x\u2028y",
    "http://a/?q=x",
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[AppContext]:
    """An office of its own; afterwards this process logs as before."""
    config = tmp_path / "config.toml"
    config.write_text((ROOT / "config.toml").read_text("utf-8"), "utf-8")
    root, own = logging.getLogger(), logging.getLogger(writing.NAME)
    kept = (list(root.handlers), root.level, own.level, sys.excepthook, writing.threading.excepthook)
    yield AppContext(config)
    root.handlers[:], hook, thread_hook = kept[0], kept[3], kept[4]
    root.setLevel(kept[1])
    own.setLevel(kept[2])
    sys.excepthook, writing.threading.excepthook = hook, thread_hook
    logging.captureWarnings(False)


def configure(context: AppContext, **settings: str) -> AppContext:
    """The same office with other values in `[log]`."""
    text = context.config_path.read_text("utf-8")
    head, _, own = text.partition("[log]")
    for key, value in settings.items():
        own = re.sub(rf"^{key} = .*$", f"{key} = {value}", own, flags=re.MULTILINE)
    context.config_path.write_text(f"{head}[log]{own}", "utf-8")
    return AppContext(context.config_path)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# ---------------------------------------------------------------- the catalogue


def test_an_event_names_only_forms_that_there_are_and_its_words_only_its_fields():
    for name, event in EVENTS.items():
        assert set(event.fields.values()) <= set(forms.FORMS), name
        assert event.level in LEVELS.values(), name
        told = set(re.findall(r"\{(\w+)\}", event.words))
        assert told <= {*event.fields, *BOUND, "process"}, name


@pytest.mark.parametrize("value", TYPED, ids=repr)
def test_what_somebody_typed_gets_into_no_field_of_any_event(value: object):
    for name, event in EVENTS.items():
        entry = entry_of(name, {}, dict.fromkeys((*event.fields, *BOUND, "what", "login"), value))
        told = f"{entry} {as_json(entry, INFO, SOURCE, AT)} {as_words(entry, INFO, SOURCE, AT)}"
        assert str(value) not in told, name
        assert "what" not in entry.fields
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", told.replace("\n    ", "")), name


def test_a_line_is_one_json_object_with_the_moment_in_utc():
    entry = entry_of("work_done", {"request": "k7qt-2bwx-9fdm"}, {"work": 7, "kind": "backup", "ms": 12})
    assert json.loads(as_json(entry, INFO, SOURCE, AT)) == {
        "time": "2026-09-21T14:13:20.500Z", "level": "info", "process": "web", "pid": 42, "event": "work_done",
        "request": "k7qt-2bwx-9fdm", "work": 7, "kind": "backup", "ms": 12,
    }  # fmt: skip
    assert as_words(entry, INFO, SOURCE, AT) == "21/09/2026 21:13:20 Việc số 7 (backup): xong sau 12 ms."


def test_a_long_way_of_an_error_is_cut_at_its_beginning_so_that_a_line_stays_in_one_piece():
    trace = [f"app.{'x' * 100}:{number} {'y' * 70}" for number in range(24)]
    line = as_json(entry_of("loop_failed", {}, {"error": "KeyError", "trace": trace}), INFO, SOURCE, AT)
    assert len(line.encode()) <= MOST_BYTES
    assert json.loads(line)["trace"][-1] == trace[-1]


# ---------------------------------------------------------------- errors


def raised(error: Exception, cause: Exception | None = None) -> dict[str, Any]:
    try:
        try:
            if cause is not None:
                raise cause
        except Exception as inner:
            raise error from inner
        raise error
    except Exception as caught:
        return faults.told(caught)


def test_an_error_is_told_by_class_place_and_codes_and_never_by_what_it_says():
    told = raised(KeyError(NAME), ValueError(f"invalid literal for int(): '{PHONE}'"))
    assert (told["error"], told["reason"]) == ("KeyError", "none")
    assert told["place"].startswith("tests.core.test_oplog:")
    assert all(place.startswith("tests.core.test_oplog:") for place in told["trace"])
    assert NAME not in str(told)
    assert PHONE not in str(told)


def test_the_code_of_what_caused_it_is_told_where_the_error_itself_says_no_more_than_that_it_failed(
    tmp_path: Path,
):
    assert raised(FileNotFoundError(2, "No such file", f"{NAME}.xlsx"))["reason"] == "ENOENT"
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (name TEXT UNIQUE)")
    with pytest.raises(sqlite3.IntegrityError) as broken:
        database.executemany("INSERT INTO t VALUES (?)", [(NAME,), (NAME,)])
    database.close()
    told = raised(WorkFailed(NAME), broken.value)
    assert (told["error"], told["reason"]) == ("WorkFailed", "SQLITE_CONSTRAINT_UNIQUE")


# ---------------------------------------------------------------- where lines go


def test_nothing_is_written_anywhere_before_a_process_begins(capsys: pytest.CaptureFixture[str]):
    oplog.write("request_failed", rule="/", error=KeyError(NAME))
    assert capsys.readouterr() == ("", "")


def test_a_service_writes_json_to_standard_error(here: AppContext, capsys: pytest.CaptureFixture[str]):
    oplog.begin(here, "worker")
    with oplog.bind(request="k7qt-2bwx-9fdm"):
        oplog.write("work_asked", work=3, kind="late_export")
    oplog.write("request", level=logging.DEBUG, rule="/healthz")
    out, err = capsys.readouterr()
    assert out == ""
    first, second = lines(err)
    assert (first["event"], first["process"], first["database"]) == ("process_started", "worker", "sqlite")
    assert (second["event"], second["request"], second["work"]) == ("work_asked", "k7qt-2bwx-9fdm", 3)


def test_words_are_for_people(here: AppContext, capsys: pytest.CaptureFixture[str]):
    oplog.begin(configure(here, form='"words"', level='"warning"'), "worker")
    oplog.write("work_done", work=3, kind="backup", ms=1)
    oplog.write("work_lost", work=3, kind="backup")
    err = capsys.readouterr().err
    assert err.endswith("CHÚ Ý: Việc số 3 (backup): không còn giữ việc này, bỏ qua kết quả.\n")
    assert err.count("\n") == 1


def test_what_a_library_or_a_warning_says_is_told_by_its_name_and_place_alone(
    here: AppContext, capsys: pytest.CaptureFixture[str]
):
    oplog.begin(here, "web")
    try:
        raise KeyError(NAME)
    except KeyError:
        logging.getLogger("waitress").exception("Exception while serving %s", f"/ho-so/{CODE}?q={PHONE}")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd value {PHONE}", stacklevel=1)
    err = capsys.readouterr().err
    told = lines(err)[1:]
    assert [(line["event"], line["logger"]) for line in told] == [
        ("library_said", "waitress"),
        ("library_said", "py.warnings"),
    ]
    assert told[0]["error"] == "KeyError"
    assert not [typed for typed in (NAME, PHONE, CODE) if typed in err]


class Away(io.StringIO):
    """A stream whose reader is gone, or whose disk is full."""

    is_away = True

    def write(self, text: str) -> int:
        """As of a stream."""
        if self.is_away:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)


def test_a_log_that_cannot_be_written_fails_nobody_and_how_many_lines_were_lost_is_told_later(
    here: AppContext, monkeypatch: pytest.MonkeyPatch
):
    stream = Away()
    monkeypatch.setattr(sys, "stderr", stream)
    oplog.begin(here, "web")
    oplog.write("request", rule="/", status=200)
    stream.is_away = False
    oplog.write("request", rule="/", status=200)
    told = lines(stream.getvalue())
    assert [line["event"] for line in told] == ["lines_lost", "request"]
    assert told[0]["count"] == 2
    stream.close()
    oplog.write("request", rule="/", status=200)
    monkeypatch.setattr(sys, "stderr", None)  # as of a service on Windows
    oplog.write("request", rule="/", status=200)


# ---------------------------------------------------------------- files


def test_files_are_bounded_in_size_and_number_and_nobody_else_reads_them(tmp_path: Path):
    folder = Folder(tmp_path / "log", "web", most_bytes=100, kept=3)
    for number in range(20):
        folder.write(f"{number:02} {'x' * 40}", AT + number)
    folder.close()
    pieces = sorted((tmp_path / "log").iterdir())
    assert len(pieces) == 3
    assert all(piece.stat().st_size <= 100 for piece in pieces)
    assert pieces[-1].read_text("utf-8").splitlines()[-1].startswith("19 ")
    if sys.platform != "win32":
        assert {piece.stat().st_mode & 0o777 for piece in pieces} == {0o600}


def test_files_of_other_kinds_and_of_other_people_stay(tmp_path: Path):
    others = {"dunghen-worker-20260101T000000Z-1-1.log", "ghi-chep.log", "dunghen-web-cu.log"}
    for name in others:
        (tmp_path / name).write_text("x", "utf-8")
    folder = Folder(tmp_path, "web", most_bytes=10, kept=1)
    for number in range(5):
        folder.write("x" * 20, AT + number)
    folder.close()
    assert others < {piece.name for piece in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) == len(others) + 1


def test_a_file_that_somebody_removed_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.oplog.outlets.LOOK_SECONDS", -1.0)
    folder = Folder(tmp_path, "web", most_bytes=1000, kept=3)
    folder.write("một", AT)
    [first] = tmp_path.iterdir()
    first.unlink()
    folder.write("hai", AT)
    folder.close()
    [second] = tmp_path.iterdir()
    assert second.read_text("utf-8") == "hai\n"


def test_a_folder_that_takes_nothing_sends_lines_to_standard_error(
    here: AppContext, capsys: pytest.CaptureFixture[str]
):
    (here.config.data_dir).mkdir(parents=True, exist_ok=True)
    (here.config.data_dir / "log").write_text("a file, no folder", "utf-8")
    with pytest.raises(Unwritable):
        Folder(here.config.data_dir / "log", "web", 100, 1).write("x", AT)
    oplog.begin(configure(here, folder='"log"'), "web")
    assert lines(capsys.readouterr().err)[0]["event"] == "process_started"


def test_lines_go_into_the_folder_where_there_is_one(here: AppContext, capsys: pytest.CaptureFixture[str]):
    context = configure(here, folder='"log"')
    oplog.begin(context, "web")
    oplog.write("request", rule="/", status=200, ms=1.5)
    [piece] = (context.config.data_dir / "log").iterdir()
    assert [line["event"] for line in lines(piece.read_text("utf-8"))] == ["process_started", "request"]
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------- configuration


def test_a_configuration_of_an_earlier_version_holds_and_what_came_later_is_as_shipped(here: AppContext):
    text = here.config_path.read_text("utf-8")
    shipped = {f"log.{key}": value for key, value in _section(text).items()}
    assert {key: value for key, value in LATER.items() if key.startswith("log.")} == shipped
    here.config_path.write_text(text.partition("[log]")[0], "utf-8")
    assert load_config(here.config_path, {}).log == load_config(ROOT / "config.toml", {}).log


def _section(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)["log"]
