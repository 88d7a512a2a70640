"""The log as an account of one unit reads it: what its people did and what was done to what is theirs, nothing else."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.alerted import LATE, LATE_B
from tests.web.api_calls import asking
from tests.web.world import BRANCH_A, BRANCH_B, NOW, OFFICE, StandingContext
from tracker.store import audit, people
from tracker.store.audit import Act, ActFilter
from tracker.store.models import Letter

AsRole = Callable[[str], FlaskClient]
PAGE, READERS = "/nhat-ky/", ("auditor", "admin")
OTHER_LETTER = 4711
# Who did it, to what: in order of their numbers, and whether an account of branch A is told.
TOLD = (
    ("head", "list"), ("desk", "dossier:2"), ("reform", "dossier:1"), ("reform", "letter:1"), ("reform", f"alert:{LATE}"),
    ("reform", "user:{desk}"),
)  # fmt: skip
LEFT_OUT = (
    ("reform", "list"), ("reform", "dossier:2"), ("reform", f"letter:{OTHER_LETTER}"), ("reform", f"alert:{LATE_B}"),
    ("operator", "batch:1"), ("scheduler", "job:audit_seal"), ("reform", "user:{reform}"), ("reform", "dossiers:1"),
    ("reform", "dossier:"), ("reform", "dossier:1x"), ("reform", "dossier:" + "1" * 30), ("reform", "dossier:١"),
    ("reform", "dossier:-1"), ("reform", "x dossier:1"),
)  # fmt: skip
OF_BRANCH_B = ("dossier:2", f"letter:{OTHER_LETTER}", f"alert:{LATE_B}")


def move(context: StandingContext, login: str, unit_id: int | None) -> None:
    """The account inspects this unit from now on; its session goes on."""
    with context.store.transaction() as session:
        found = people.find_login(session, login)
        assert found
        session.get_one(people.User, found.account_id).unit_id = unit_id


@pytest.fixture
def numbers(context: StandingContext) -> tuple[list[int], list[int]]:
    """The numbers of the entries that an account of branch A is told of, and of those that it is not."""
    with context.store.transaction() as session:
        accounts = {each.login: each.account_id for each in people.list_accounts(session)}
        letter = Letter(
            id=OTHER_LETTER, dossier_id=2, seq=1, kind="overdue", form="phieu-2018", state="drafted", unit_id=BRANCH_B,
            as_of=NOW, due_at=NOW, new_due_at=None, reason="", short_code="ZZ12CD", file="", number=None, issued_on=None,
        )  # fmt: skip
        session.add(letter)
        before = audit.find_acts(session, ActFilter(), limit=1)[0].entry_id
        acts = [Act(NOW, who, "dossier", of.format(**accounts), {}) for who, of in (*TOLD, *LEFT_OUT)]
        audit.append_acts(session, acts)
    every = list(range(before + 1, before + 1 + len(acts)))
    return every[: len(TOLD)], every[len(TOLD) :]


def shown(text: str) -> set[int]:
    """The numbers of the entries on the page."""
    return {int(number) for number in re.findall(r'data-label="Số">(\d+)<', text)}


@pytest.mark.parametrize("role", READERS)
def test_an_account_of_a_unit_reads_of_the_log_what_is_of_its_line_and_the_page_says_so(
    as_role: AsRole, context: StandingContext, numbers: tuple[list[int], list[int]], role: str
):
    client, (told, left_out) = as_role(role), numbers
    assert shown(client.get(PAGE).text) >= {*told, *left_out}
    assert "nên ở đây chỉ có việc" not in client.get(PAGE).text
    move(context, role, BRANCH_A)
    page = client.get(PAGE).text
    assert "nên ở đây chỉ có việc" in page
    assert shown(page) & {*told, *left_out} == set(told)


def test_no_filter_leads_to_what_is_left_out(
    as_role: AsRole, context: StandingContext, numbers: tuple[list[int], list[int]]
):
    client = as_role("auditor")
    move(context, "auditor", BRANCH_A)
    for query in (
        "nguoi=reform",
        "doi-tuong=dossier:2",
        "doi-tuong=batch:",
        "viec=dossier",
        f"sau={max(numbers[1]) + 1}",
    ):
        assert not shown(client.get(f"{PAGE}?{query}").text) & set(numbers[1]), query


def test_an_account_of_the_unit_above_reads_of_both_branches(
    as_role: AsRole, context: StandingContext, numbers: tuple[list[int], list[int]]
):
    client = as_role("auditor")
    move(context, "auditor", OFFICE)
    others = {
        number for number, (_, subject) in zip(numbers[1], LEFT_OUT, strict=True) if subject in OF_BRANCH_B
    }
    assert shown(client.get(PAGE).text) & {*numbers[0], *numbers[1]} == {*numbers[0], *others}


def test_a_program_of_a_units_account_is_told_no_more(
    app: Flask, context: StandingContext, numbers: tuple[list[int], list[int]]
):
    ask = asking(app, context, "auditor", ["log:read"])
    before = {each["id"] for each in ask("log", query={"limit": "100"}).json["items"]}
    assert before >= {*numbers[0], *numbers[1]}
    move(context, "auditor", BRANCH_A)
    after = {each["id"] for each in ask("log", query={"limit": "100"}).json["items"]}
    assert after & {*numbers[0], *numbers[1]} == set(numbers[0])
