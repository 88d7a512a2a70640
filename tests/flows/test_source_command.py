"""`dunghen source key` as an operator uses it: a secret that is shown once, and no more than the log needs."""

import pytest

from app.accounts import password_fits
from tests.flows.office import Office

ADD = ("source", "key", "add", "mot-cua")


def kept(office: Office) -> tuple[str, str]:
    secret, units = office.query("SELECT secret, units FROM source_key WHERE login = 'mot-cua'")[0]
    return secret, units


def test_a_key_is_made_for_units_by_any_name_of_theirs_and_its_secret_is_kept_as_a_hash(office: Office):
    made = office.ask(*ADD, "--source", "mot-cua-tinh", "--unit", "000.00.16.H15", "--unit", "Sở Công Thương")
    assert (made["login"], made["source"], made["units"]) == ("mot-cua", "mot-cua-tinh", ["H15.16", "H15.03"])
    secret, units = kept(office)
    assert password_fits(secret, made["secret"])
    assert units == '["H15.16", "H15.03"]'
    told = office.run("source", "key", "list").out
    assert "mot-cua-tinh" in told
    assert "H15.16, H15.03; chưa dùng" in told
    assert made["secret"] not in told
    logged = office.query("SELECT action, actor, detail FROM audit_entry WHERE action = 'source_key_add'")
    assert logged == [
        (
            "source_key_add",
            "operator",
            '{"login": "mot-cua", "source": "mot-cua-tinh", "units": ["H15.16", "H15.03"]}',
        )
    ]


def test_another_secret_replaces_the_first_and_a_closed_key_says_so(office: Office):
    first = office.ask(*ADD, "--all-units")["secret"]
    second = office.ask("source", "key", "passwd", "MOT-CUA")["secret"]
    assert first != second
    assert password_fits(kept(office)[0], second)
    office.ask("source", "key", "disable", "mot-cua")
    (listed,) = office.ask("source", "key", "list")["keys"]
    assert (listed["disabled"], listed["units"], listed["used_at"]) == (True, [], None)
    assert "Mọi đơn vị; chưa dùng – đã thu hồi" in office.run("source", "key", "list").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (ADD, "cần một trong hai"),
        ((*ADD, "--all-units", "--unit", "H15"), "cần một trong hai"),
        ((*ADD, "--unit", "H99.99"), "không có đơn vị H99.99"),
        (("source", "key", "add", "có dấu", "--all-units"), "tên khóa gồm"),
        ((*ADD, "--all-units", "--source", "hai chữ"), "tên nguồn gồm"),
        (("source", "key", "passwd", "ai-do"), "không có khóa ai-do"),
        (("source", "key", "disable", "ai-do"), "không có khóa ai-do"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    office: Office, arguments: tuple[str, ...], words: str
):
    answer = office.run(*arguments)
    assert answer.status == 2
    assert words in answer.err
    assert office.query("SELECT count(*) FROM source_key") == [(0,)]


def test_a_name_is_given_once(office: Office):
    office.ask(*ADD, "--all-units")
    answer = office.run(*ADD, "--all-units")
    assert (answer.status, "đã có khóa mot-cua" in answer.err) == (2, True)
