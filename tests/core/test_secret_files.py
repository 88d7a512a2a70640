"""Secrets from files instead of the environment."""

from pathlib import Path

import pytest

from tracker.config import load_config
from tracker.errors import ConfigurationError
from tracker.secret_files import MOST_BYTES, with_files

SHIPPED = Path(__file__).parents[2] / "config.toml"


def test_a_secret_comes_from_the_file_that_its_variable_names(tmp_path: Path):
    (tmp_path / "url").write_text("postgresql://dunghen:bí mật@db/dunghen\n", "utf-8")
    (tmp_path / "mail").write_text(" có khoảng trắng ", "utf-8")
    config = load_config(
        SHIPPED,
        {
            "DUNGHEN_DATABASE_URL_FILE": str(tmp_path / "url"),
            "DUNGHEN_MAIL_PASSWORD_FILE": str(tmp_path / "mail"),
        },
    )
    assert config.database_url == "postgresql://dunghen:bí mật@db/dunghen"
    assert config.mail.password == " có khoảng trắng "


def test_the_variable_itself_goes_first_and_files_of_others_are_not_read(tmp_path: Path):
    told = {
        "DUNGHEN_SECRET_KEY": "x",
        "DUNGHEN_SECRET_KEY_FILE": str(tmp_path / "none"),
        "SSL_CERT_FILE": str(tmp_path / "none"),
        "DUNGHEN_GATEWAY_TOKEN_FILE": "",
    }
    assert with_files(told) == told


def test_files_that_cannot_be_read_are_told_all_together_without_what_is_in_them(tmp_path: Path):
    (tmp_path / "large").write_bytes(b"x" * (MOST_BYTES + 1))
    (tmp_path / "odd").write_bytes(b"\xff\xfe\xff")
    named = {f"DUNGHEN_{name.upper()}_FILE": str(tmp_path / name) for name in ("none", "large", "odd")}
    with pytest.raises(ConfigurationError) as refused:
        with_files(named)
    assert len(refused.value.faults) == 3
    assert all(str(tmp_path) in fault for fault in refused.value.faults)
