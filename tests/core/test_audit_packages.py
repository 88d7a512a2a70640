"""`make audit` by a file: locked versions are compared with OSV's records, and a file that cannot be read is no clean bill."""

import json
import zipfile
from pathlib import Path

import pytest

from scripts.audit_packages import LOCKS, NOBODY, NONE, ROOT, SOME, by_file, locked, verdict, weaknesses

PACKAGES = {"flask": "3.1.0", "some-name": "2.0.5"}


def record(
    name: str = "Some_Name", *, versions: tuple[str, ...] = (), events: tuple[dict, ...] = (), **more: object
) -> dict:
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "versions": list(versions)}
    if events:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": list(events)}]
    return {"id": "PYSEC-1", "summary": "a hole", "affected": [affected], **more}


@pytest.mark.parametrize(
    ("told", "is_found"),
    [
        (record(versions=("2.0.5",)), True),
        (record(versions=("2.0.4",)), False),
        (record("other", versions=("2.0.5",)), False),
        (record(versions=("2.0.5",), withdrawn="2026-01-01T00:00:00Z"), False),
        (record(events=({"introduced": "0"},)), True),
        (record(events=({"introduced": "0"}, {"fixed": "2.0.5"})), False),
        (record(events=({"introduced": "0"}, {"fixed": "2.0.6"})), True),
        (record(events=({"introduced": "2.0.6"},)), False),
        (
            record(events=({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}, {"fixed": "2.1"})),
            True,
        ),
        (record(events=({"introduced": "1.0"}, {"last_affected": "2.0.4"})), False),
        (record(events=({"introduced": "1.0"}, {"last_affected": "2.0.5"})), True),
    ],
)
def test_a_locked_version_is_weak_where_a_record_names_it_or_its_span(told: dict, is_found: bool):
    assert bool(weaknesses(PACKAGES, [told])) is is_found


def test_what_is_found_says_what_to_do():
    (found,) = weaknesses(PACKAGES, [record(events=({"introduced": "0"}, {"fixed": "2.0.6"}))])
    assert str(found) == "some-name 2.0.5: PYSEC-1 a hole; mended in 2.0.6"


def test_every_package_of_the_lock_files_is_read_with_its_version():
    texts = [(ROOT / name).read_text("utf-8") for name in LOCKS]
    packages = locked(texts)
    assert {"flask", "sqlalchemy", "cryptography", "pytest"} <= packages.keys()
    assert sum(text.count("==") for text in texts) >= len(packages) > 50


def zipped(folder: Path, *told: dict) -> Path:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for number, each in enumerate(told):
            archive.writestr(f"{number}.json", json.dumps(each))
    return folder / "all.zip"


def test_the_status_tells_none_known_from_some_and_from_nobody_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert by_file(zipped(tmp_path, record("other")), PACKAGES) == NONE
    assert by_file(zipped(tmp_path, record(versions=("2.0.5",))), PACKAGES) == SOME
    assert "PYSEC-1" in capsys.readouterr().out
    (tmp_path / "cut.zip").write_bytes(b"PK")
    for path in (zipped(tmp_path), tmp_path / "cut.zip", tmp_path / "none.zip"):
        assert by_file(path, PACKAGES) == NOBODY
        assert "Not audited" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "output", "wanted"),
    [
        (0, "No known vulnerabilities found", NONE),
        (1, "Found 2 known vulnerabilities in 1 package", SOME),
        (1, "requests.exceptions.ConnectionError", NOBODY),
        (
            0,
            "flask Dependency not found on PyPI and could not be audited: flask (3.1.0)\nNo known vulnerabilities found",
            NOBODY,
        ),
    ],
)
def test_a_database_that_knows_nothing_of_a_package_has_not_cleared_it(status: int, output: str, wanted: int):
    found, told = verdict("requirements.txt", status, output)
    assert found == wanted
    assert ("Not audited" in told) is (wanted == NOBODY)
