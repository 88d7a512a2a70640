"""What guards the receiver: units of a key, sizes, calls a minute, sessions and secrets; off until switched on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.access import KEY_CHECKS
from app.receiver_keys import hash_secret, new_secret
from tests.web.pushing import (
    CODE,
    DOSSIERS,
    ENVELOPE,
    EVENTS,
    LOGIN,
    LOOKUP,
    Sender,
    application,
    dossier,
    event,
    events,
    give_key,
    in_process,
    receiving_context,
)
from tests.web.world import StandingContext, at
from tracker.config import load_config
from tracker.store import audit, catalogue, dossier_queries, source_keys
from tracker.store.models import Procedure

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

OWN, BELOW, ABOVE, OTHER = "H15.16", "Sở Xây dựng", "H15", "Sở Công Thương"
ABSORBED = "Sở Giao thông vận tải"  # part of H15.16 since 01/03/2025
STEP = event("20260811080000", "4", "Xử lý")


@pytest.fixture
def context(tmp_path: Path) -> Iterator[StandingContext]:
    """A receiver that is on."""
    context = receiving_context(tmp_path)
    context.instant = at(10, 8, month=9)
    yield context
    context.store.close()


def sender_of(context: StandingContext, *units: str, limits: bool = False, source: str = "mot-cua") -> Sender:
    """A system that has logged in with a key for these units."""
    login = f"khoa-{len(units)}-{source}-{'-'.join(units).lower()}"
    secret = give_key(context, login, *units, source=source)
    sender = Sender(in_process(application(context, limits=limits)), login, secret)
    assert sender.log_in().code == "0"
    return sender


def is_stored(context: StandingContext, code: str = CODE) -> bool:
    with context.store.read() as session:
        return dossier_queries.find_dossier(session, code, unit_ids=None, known=None) is not None


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("units", "named", "gets_in"),
    [
        ((OWN,), BELOW, True),
        ((OWN,), ABSORBED, True),
        ((OWN,), "000.00.16.H15", True),
        ((ABOVE,), OTHER, True),
        ((OWN, "H15.03"), OTHER, True),
        ((OWN,), OTHER, False),
        ((OWN,), "UBND tỉnh Đắk Lắk", False),
        ((ABOVE,), "UBND phường Không Có Trong Danh Mục", False),
        ((OWN,), "", False),
        ((), "UBND phường Không Có Trong Danh Mục", True),
        ((), "", True),
    ],
)
def test_a_key_writes_dossiers_of_its_units_and_those_below_and_no_others(
    context: StandingContext, units: tuple[str, ...], named: str, gets_in: bool
):
    answer = sender_of(context, *units).call(DOSSIERS, [dossier(DonViXuLy=named)], madonvi="")
    assert (answer.status, answer.code) == (200, "0" if gets_in else "-2")
    assert is_stored(context) is gets_in
    if not gets_in:
        (named_one,) = answer.document["result"]
        assert (named_one["Truong"], named_one["MaLoi"]) == ("DonViXuLy", "UNIT_NOT_ALLOWED")


def test_what_is_refused_names_nothing_that_the_catalogue_then_holds(context: StandingContext):
    name = "UBND phường Không Có Trong Danh Mục"
    told = dossier(DonViXuLy=name, TenLinhVuc="Lĩnh vực không có", MaTTHC="9.999999")
    sender_of(context, OWN).call(DOSSIERS, [told], madonvi="")
    with context.store.read() as session:
        assert catalogue.find_unit(session, name) is None
        assert "Lĩnh vực không có" not in catalogue.fields(session).values()
        assert session.query(Procedure).filter_by(code="9.999999").all() == []


@pytest.mark.parametrize("units_told", [OTHER, ABSORBED, ""])
def test_no_key_takes_over_or_moves_a_dossier_of_another_unit(context: StandingContext, units_told: str):
    of_all, of_one = sender_of(context), sender_of(context, OWN)
    of_all.call(DOSSIERS, [dossier(DonViXuLy=OTHER)])
    answers = [
        of_one.call(DOSSIERS, [dossier(DonViXuLy=units_told, GhiChu="x")], madonvi=""),
        of_one.call(EVENTS, [STEP], madonvi=""),
    ]
    assert [each.code for each in answers] == ["-2", "-2"]
    assert of_one.call(LOOKUP, mahoso=CODE, madonvi="").document["result"] == []
    with context.store.read() as session:
        found = dossier_queries.find_dossier(session, CODE, unit_ids=None, known=None)
    assert found
    assert found.resolving_unit
    assert (found.note, found.resolving_unit.code) == ("", "H15.03")


def test_a_key_of_some_units_goes_on_with_its_own_dossiers(context: StandingContext):
    sender = sender_of(context, OWN)
    assert sender.call(DOSSIERS, [dossier(DonViXuLy=BELOW)], madonvi="").code == "0"
    assert sender.call(DOSSIERS, [dossier(DonViXuLy="", GhiChu="x")], madonvi="").code == "0"
    assert sender.call(EVENTS, events(), madonvi="").code == "0"
    assert len(sender.call(LOOKUP, mahoso=CODE, madonvi="").document["result"]) == 1
    moved = sender.call(DOSSIERS, [dossier(DonViXuLy=OTHER)], madonvi="")
    assert moved.code == "-2"


def test_an_event_of_a_dossier_that_could_be_anybodys_is_refused_to_a_key_of_some_units(
    context: StandingContext,
):
    sender = sender_of(context, OWN)
    answer = sender.call(EVENTS, [STEP], madonvi="")
    assert (answer.code, answer.document["result"][0]["MaLoi"]) == ("-5", "DOSSIER_UNKNOWN")
    sender_of(context).call(DOSSIERS, [dossier(DonViXuLy=OTHER)])
    with context.store.read() as session:
        found = dossier_queries.find_dossier(session, CODE, unit_ids=None, known=None)
    assert found
    assert found.events == ()


@pytest.mark.parametrize(
    ("unit", "gets_in"), [("000.00.16.H15", True), ("000.00.03.H15", False), ("H99", False)]
)
def test_the_unit_in_whose_name_a_call_comes_is_one_of_the_keys(
    context: StandingContext, unit: str, gets_in: bool
):
    sender = sender_of(context, OWN)
    answer = sender.call(DOSSIERS, [dossier(DonViXuLy=BELOW)], madonvi=unit)
    assert (answer.status, answer.code) == ((200, "0") if gets_in else (403, "-2"))
    if not gets_in:
        with context.store.read() as session:
            (act,) = audit.recent_acts(session, 1)
        assert (act.action, act.detail["code"]) == ("push_refused", "UNIT_NOT_ALLOWED")


# ---------------------------------------------------------------- sizes and numbers


def test_a_call_larger_than_the_office_allows_is_refused(tmp_path: Path):
    context = receiving_context(tmp_path, max_body_mib=1)
    sender = sender_of(context)
    long = [dossier(MaHoSo=f"A-{n}", GhiChu="x" * 9_000) for n in range(120)]
    answer = sender.call(DOSSIERS, long)
    assert (answer.status, answer.code) == (413, "-4")
    assert sender.call(DOSSIERS, long[:100]).code == "0"
    assert sender.post(LOGIN, {"username": "x" * 20_000, "password": "y"}).status == 413
    context.store.close()


@pytest.mark.parametrize(
    "head", [{"Content_Type": "multipart/form-data; boundary=x"}, {"Content_Encoding": "gzip"}]
)
def test_forms_and_packed_bodies_are_refused(context: StandingContext, head: dict[str, str]):
    assert sender_of(context).post(ENVELOPE, b"{}", **head).status == 415


def test_a_key_has_its_calls_a_minute_and_the_minute_ends(context: StandingContext):
    receiver = replace(context.config.receiver, per_minute=3)
    context.__dict__["config"] = replace(context.config, receiver=receiver)
    sender, other = sender_of(context, limits=True), sender_of(context, limits=True, source="khac")
    answers = [sender.call(LOOKUP, mahoso="A-1") for _ in range(4)]
    assert [each.status for each in answers] == [200, 200, 200, 429]
    assert (answers[-1].code, answers[-1].headers["Retry-After"]) == ("-6", "60")
    assert other.call(LOOKUP, mahoso="A-1").status == 200
    context.instant += timedelta(seconds=60)
    assert sender.call(LOOKUP, mahoso="A-1").status == 200


def test_guessing_secrets_is_limited_by_address_and_does_not_lock_out_whoever_is_known(
    context: StandingContext,
):
    sender = sender_of(context, limits=True)
    guesses = [
        sender.post(LOGIN, {"username": sender.login, "password": f"doan-{n}"})
        for n in range(KEY_CHECKS.count)
    ]
    assert [each.status for each in guesses] == [401] * (KEY_CHECKS.count - 1) + [429]
    assert sender.log_in().code == "0"


# ---------------------------------------------------------------- sessions and secrets


def test_a_session_ends_after_its_minutes(context: StandingContext):
    sender = sender_of(context)
    context.instant += timedelta(minutes=context.config.receiver.session_minutes, seconds=-1)
    assert sender.call(LOOKUP, mahoso="A-1").status == 200
    context.instant += timedelta(seconds=1)
    answer = sender.call(DOSSIERS, [dossier()])
    assert (answer.status, answer.code) == (401, "-1")
    assert not is_stored(context)


@pytest.mark.parametrize(
    "told",
    [
        {"session": "khac"},
        {"session": ""},
        {},
    ],
    ids=str,
)
def test_without_a_session_of_ours_nothing_is_told_or_taken(context: StandingContext, told: dict[str, Any]):
    sender = Sender(in_process(application(context)))
    for service in (DOSSIERS, EVENTS, LOOKUP):
        answer = sender.post(ENVELOPE, {"service": service, "mahoso": CODE, "data": [dossier()], **told})
        assert (answer.status, answer.code) == (401, "-1")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not is_stored(context)


@pytest.mark.parametrize("head", ["Basic !!", "Basic YTpi", "Bearer a:b", "Bearer abc", "Digest x", "Basic"])
def test_a_head_that_brings_nothing_of_ours_opens_nothing(context: StandingContext, head: str):
    sender = Sender(in_process(application(context)))
    assert sender.post("/lien-thong/CapNhat", [dossier()], Authorization=head).status == 401


def test_a_key_that_is_closed_or_has_another_secret_opens_nothing_from_that_moment(context: StandingContext):
    sender = sender_of(context)
    assert sender.post("/lien-thong/TraCuuHoSo", {"mahoso": CODE}, **sender.basic).status == 200
    with context.store.transaction() as session:
        key = source_keys.find_key(session, sender.login)
        assert key
        source_keys.set_secret(session, key.key_id, hash_secret(other := new_secret()))
    for _ in range(2):
        assert sender.call(LOOKUP, mahoso=CODE).status == 401
        assert sender.post("/lien-thong/TraCuuHoSo", {"mahoso": CODE}, **sender.basic).status == 401
        assert sender.log_in().status == 401
    renewed = replace(sender, secret=other)
    assert renewed.log_in().code == "0"
    with context.store.transaction() as session:
        source_keys.disable(session, key.key_id, context.now())
    assert renewed.call(LOOKUP, mahoso=CODE).status == 401
    assert renewed.post("/lien-thong/TraCuuHoSo", {"mahoso": CODE}, **renewed.basic).status == 401
    assert renewed.log_in().status == 401


def test_secrets_and_tokens_are_kept_as_hashes(context: StandingContext):
    sender = sender_of(context)
    with context.store.read() as session:
        key = source_keys.find_key(session, sender.login)
        kept = [row.token_hash for row in session.query(source_keys.SourceSession)]
    assert key
    assert key.secret.startswith("$argon2id$")
    assert sender.secret not in f"{key!r}{kept}"
    assert sender.session not in str(kept)


# ---------------------------------------------------------------- off


def test_it_is_off_until_the_office_switches_it_on(context: StandingContext):
    assert load_config(context.config_path).receiver.is_on is False
    sender = sender_of(context)
    receiver = replace(context.config.receiver, is_on=False)
    context.__dict__["config"] = replace(context.config, receiver=receiver)
    for answer in (
        sender.log_in(),
        sender.call(DOSSIERS, [dossier()]),
        sender.post("/lien-thong/CapNhat", [dossier()]),
    ):
        assert (answer.status, answer.code) == (404, "-7")
    assert not is_stored(context)
