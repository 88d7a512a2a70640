"""config.toml: every fault at once and in place, the shipped file sound and explained, the environment first."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from tracker.config import DATABASE_URL_VARIABLE, load_config
from tracker.config_keys import KEYS, LATER
from tracker.errors import ConfigurationError

SHIPPED = Path(__file__).parents[2] / "config.toml"
TEXT = SHIPPED.read_text("utf-8")


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_config(path, {})
    assert caught.value.exit_status == 2
    assert all(fault in str(caught.value) for fault in caught.value.faults)
    assert all(str(path) in fault for fault in caught.value.faults)
    return caught.value.faults


def changed(key: str, value: str) -> str:
    # The first of its name: [web] and [mail] both have a host and a port.
    text, count = re.subn(rf"^{key} = .*$", f"{key} = {value}", TEXT, count=1, flags=re.MULTILINE)
    assert count == 1
    return text


def test_the_shipped_file_is_sound():
    config = load_config(SHIPPED, {})
    assert config.database_url == f"sqlite:///{(SHIPPED.parent / 'var' / 'dunghen.sqlite3').as_posix()}"
    assert config.deadlines.due_soon_share == Fraction(1, 4)
    assert config.calendar_key == "B"


def test_every_value_of_the_shipped_file_has_a_reason_above_it():
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w+ = ", line):
            above = [each for each in lines[:number] if not re.match(r"\w+ = ", each)][-1]
            assert above.startswith("#"), line


def test_the_shipped_file_holds_every_key_and_no_secret():
    named = re.findall(r"^(\w+) = ", TEXT, flags=re.MULTILINE)
    assert sorted(named) == sorted(key.split(".")[1] for key in KEYS)
    # A switch may be named after a password; a text of such a name would be one.
    assert not re.search(
        r"^\s*\w*(secret|password|mat_khau|token)\w* = (?!true$|false$)",
        TEXT,
        flags=re.MULTILINE | re.IGNORECASE,
    )


def test_the_data_folder_is_relative_to_the_file_and_not_to_where_one_stands(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text(TEXT, "utf-8")
    monkeypatch.chdir("/")
    assert load_config(path, {}).data_dir == tmp_path / "var"


def test_the_environment_goes_before_the_file_and_an_empty_one_does_not(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(changed("database_url", '"sqlite:///a"'), "utf-8")
    assert load_config(path, {}).database_url == "sqlite:///a"
    assert load_config(path, {DATABASE_URL_VARIABLE: ""}).database_url == "sqlite:///a"
    assert load_config(path, {DATABASE_URL_VARIABLE: "postgresql://b"}).database_url == "postgresql://b"


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("port", "0", "[web] port"),
        ("port", "65536", "[web] port"),
        ("port", '"8000"', "[web] port"),
        ("port", "true", "[web] port"),
        ("port", "80.5", "[web] port"),
        ("host", '" "', "[web] host"),
        ("trusted_proxies", '["ai do"]', "[web] trusted_proxies"),
        ("public_url", '"dunghen"', "[web] public_url"),
        ("enabled", "0", "[receiver] enabled"),
        ("webhooks", '["ioc"]', "[outbox] webhooks"),
        ("times", '["niem-phong 25:00"]', "[schedule] times"),
        ("seal_to", '["ai do"]', "[audit] seal_to"),
        ("security", '"ssl"', "[mail] security"),
        ("allowed_hosts", '"a"', "[web] allowed_hosts"),
        ("allowed_hosts", "[1]", "[web] allowed_hosts"),
        ("key", '""', "[calendar] key"),
        ("due_soon_share", "1.5", "[deadlines] due_soon_share"),
        ("due_soon_share", '"0.25"', "[deadlines] due_soon_share"),
        ("chunk_rows", "99", "[ingest] chunk_rows"),
        ("data_dir", '""', "[store] data_dir"),
        ("reappointment_days", "0", "[letters] reappointment_days"),
        ("edition", '""', "[score] edition"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_is_and_what_it_should_be(tmp_path, key, value, named):
    (fault,) = faults(tmp_path, changed(key, value))
    assert named in fault
    assert "cần" in fault


def test_a_seal_that_shall_be_mailed_needs_a_mail_server(tmp_path):
    (fault,) = faults(tmp_path, changed("seal_to", '["an@vi-du.vn"]'))
    assert "[mail] host" in fault


@pytest.mark.parametrize("value", ["0", "1", "0.0", "1.0"])
def test_a_whole_number_is_a_share_too(tmp_path, value):
    path = tmp_path / "config.toml"
    path.write_text(changed("due_soon_share", value), "utf-8")
    assert load_config(path, {}).deadlines.due_soon_share == int(float(value))


@pytest.mark.parametrize("key", sorted(KEYS.keys() - LATER.keys()))
def test_a_missing_key_is_named(tmp_path, key):
    section, name = key.split(".")
    lines, inside, kept = TEXT.splitlines(), "", []
    for line in lines:
        inside = line.strip("[]") if line.startswith("[") else inside
        if not (inside == section and line.startswith(f"{name} = ")):
            kept.append(line)
    (fault,) = faults(tmp_path, "\n".join(kept))
    assert f"thiếu [{section}] {name}" in fault


def test_an_unknown_key_or_section_is_named(tmp_path):
    found = faults(tmp_path, TEXT + '\nedtion = "x"\n[mau]\nxanh = 1\n')
    assert len(found) == 2
    assert "edtion" in found[0]
    assert "[mau] xanh" in found[1]


def test_an_empty_file_lacks_everything_and_says_so_at_once(tmp_path):
    assert len(faults(tmp_path, "")) == len(KEYS) - len(LATER)


def test_keys_that_came_later_hold_as_shipped_where_an_office_has_none(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("\n".join(line for line in TEXT.splitlines() if not line.startswith("reports_")), "utf-8")
    assert load_config(path, {}).reports == load_config(SHIPPED, {}).reports


def test_the_address_of_the_replica_in_the_environment_goes_before_the_files_and_is_not_shown(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(changed("reports_url", '"postgresql://a"'), "utf-8")
    assert load_config(path, {}).reports.url == "postgresql://a"
    given = load_config(path, {"DUNGHEN_REPORTS_URL": "postgresql://dh:bi-mat@b/c"})
    assert given.reports.url == "postgresql://dh:bi-mat@b/c"
    assert "bi-mat" not in repr(given)


@pytest.mark.parametrize("content", [b"[store\n", b"a = \n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(tmp_path, content):
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"config\.toml.*TOML"):
        load_config(path, {})


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"khong-co\.toml"):
        load_config(tmp_path / "khong-co.toml", {})


@pytest.mark.parametrize(
    "value", ['["2000-01-01"]', '["2000-01-01 0"]', '["2000-13-01 10"]', '["2000-01-01 mười"]', '"10"']
)
def test_a_rule_of_retention_is_a_day_and_whole_years(tmp_path: Path, value: str):
    (fault,) = faults(tmp_path, changed("keep_years", value))
    assert "[privacy] keep_years" in fault


def test_two_rules_of_retention_do_not_begin_on_one_day(tmp_path: Path):
    (fault,) = faults(tmp_path, changed("keep_years", '["2000-01-01 10", "2000-01-01 5"]'))
    assert "cùng một ngày" in fault


@pytest.mark.parametrize("value", ["var/khoa", "var/backups/khoa", "./x/../var/khoa"])
def test_the_key_of_backups_lies_outside_data_and_backups(tmp_path: Path, value: str):
    (fault,) = faults(tmp_path, changed("key_file", f'"{value}"'))
    assert "[backup] key_file" in fault


def test_the_key_of_backups_is_relative_to_the_file(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_text(changed("key_file", '"khoa/sao-luu"'), "utf-8")
    assert load_config(path, {}).backup.key_file == (tmp_path / "khoa" / "sao-luu").resolve()
    path.write_text(TEXT, "utf-8")
    assert load_config(path, {}).backup.key_file is None
