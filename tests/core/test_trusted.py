"""Whom calls by TLS trust follows the system's file of authorities, which is not read anew for each call."""

import ssl
from pathlib import Path

import trustme

from tracker.trusted import trusted


def test_it_checks_certificate_and_name():
    context = trusted()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_authorities_are_read_once_and_again_when_they_are_others(tmp_path: Path, monkeypatch):
    usual = trusted()
    assert trusted() is usual
    mine = tmp_path / "authorities.pem"
    mine.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(mine))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert trusted().get_ca_certs() == []
    trustme.CA().cert_pem.write_to_path(mine)
    assert len(trusted().get_ca_certs()) == 1
