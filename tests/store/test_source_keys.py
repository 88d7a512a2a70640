"""Keys of systems that push: each its own source and units, sessions that end, what one source told and no other."""

from datetime import datetime, timedelta

import pytest

from tracker.errors import UsageError, WorkFailed
from tracker.ingest.readers.payloads import Payload
from tracker.pipeline import IngestPlan, ingest
from tracker.store import catalogue, source_keys, source_told
from tracker.store.locks import Lock
from tracker.store.models import SourceSession
from tracker.store.session import Store
from tracker.store.source_keys import Key, NewKey
from tracker.store.turns import staged_turn
from tracker.types import VN

NOW = datetime(2026, 9, 10, 8, 0, tzinfo=VN)
LATER = NOW + timedelta(minutes=60)


def make(store: Store, login: str = "mot-cua", *units: str, source: str = "mot-cua") -> Key:
    new = NewKey(source, login, "$argon2id$made-up", units, "operator")
    number = source_keys.make_key(store, new, NOW, log=lambda _session, _number: None)
    with store.read() as session:
        found = source_keys.find_key(session, login)
    assert found
    assert found.key_id == number
    return found


def tell(store: Store, source: str, *elements: dict[str, str], order: tuple[str, ...] = ()) -> None:
    usual = {"NgayTiepNhan": "20260810092000", "NgayHenTra": "20260828092000", "DonViXuLy": "Sở Xây dựng"}
    payload = Payload("DongBoHoSoMC", [{**usual, **each} for each in elements], "0" * 64)
    plan = IngestPlan((), NOW, source, payloads=(payload,), origin="push", source_order=order)
    ingest(store, "B", plan, lambda _: None)


def test_a_key_is_kept_with_its_source_and_units_and_shows_no_secret(store: Store):
    found = make(store, "mot-cua", "H15.16", "H15.03")
    assert (found.source, found.units, found.made_at, found.disabled_at) == (
        "mot-cua",
        ("H15.16", "H15.03"),
        NOW,
        None,
    )
    assert "made-up" not in repr(found)
    with store.read() as session:
        assert catalogue.source_id(session, "mot-cua") == found.source_id
        assert [each.login for each in source_keys.list_keys(session)] == ["mot-cua"]


def test_keys_of_one_source_share_it_and_no_name_is_given_twice(store: Store):
    first, second = make(store, "b"), make(store, "a")
    assert first.source_id == second.source_id
    with pytest.raises(UsageError, match="đã có khóa b"):
        make(store, "b", source="another")
    with store.read() as session:
        assert [each.login for each in source_keys.list_keys(session)] == ["a", "b"]


def test_a_key_waits_for_a_load_so_that_both_name_no_source_alike(store: Store):
    with staged_turn(store, Lock.INGEST) as load:
        theirs = catalogue.source_id(load.session, "from a file")
        with pytest.raises(WorkFailed, match="đang bận"), staged_turn(store, Lock.INGEST, patience_ms=20):
            pass
        load.begin_writing()
    assert make(store).source_id != theirs


def test_a_session_counts_until_its_end_and_those_that_are_over_go(store: Store):
    key = make(store)
    with store.transaction() as session:
        source_keys.open_session(session, key.key_id, "hash-1", now=NOW, expires_at=LATER)
    just_before = LATER - timedelta(seconds=1)
    for moment, counts in ((NOW, True), (just_before, True), (LATER, False)):
        with store.read() as session:
            found = source_keys.find_session(session, "hash-1", moment)
        assert (found is not None) is counts
    with store.transaction() as session:
        source_keys.open_session(
            session, key.key_id, "hash-2", now=LATER, expires_at=LATER + timedelta(minutes=1)
        )
        kept = [row.token_hash for row in session.query(SourceSession)]
        used = source_keys.find_key(session, key.login)
    assert kept == ["hash-2"]
    assert used
    assert used.used_at == LATER


@pytest.mark.parametrize("way", ["another secret", "disabled"])
def test_sessions_end_with_the_secret_or_the_key(store: Store, way: str):
    key, other = make(store, "a"), make(store, "b")
    with store.transaction() as session:
        for each in (key, other):
            source_keys.open_session(session, each.key_id, f"hash-{each.login}", now=NOW, expires_at=LATER)
        if way == "disabled":
            source_keys.disable(session, key.key_id, NOW)
        else:
            source_keys.set_secret(session, key.key_id, "$argon2id$other")
        assert source_keys.find_session(session, "hash-a", NOW) is None
        assert source_keys.find_session(session, "hash-b", NOW) is not None


def test_another_secret_opens_a_disabled_key_again(store: Store):
    key = make(store)
    with store.transaction() as session:
        source_keys.disable(session, key.key_id, NOW)
        source_keys.set_secret(session, key.key_id, "$argon2id$other")
        found = source_keys.find_key(session, key.login)
    assert found
    assert (found.secret, found.disabled_at) == ("$argon2id$other", None)


def test_a_key_reaches_its_units_those_below_and_those_that_became_part_of_them(store: Store):
    with store.read() as session:

        def number(code: str) -> int:
            found = catalogue.find_unit(session, code)
            assert found
            return found

        assert source_keys.reach(session, ()) is None
        assert source_keys.reach(session, ("H15.16",)) == catalogue.unit_subtree(session, number("H15.16"))
        both = source_keys.reach(session, ("H15.16", "H15.03", "no such unit"))
        assert both is not None
        assert {number("H15.05"), number("H15.03")} <= both  # H15.05 became part of H15.16
        assert number("H15.07") not in both
        assert source_keys.reach(session, ("no such unit",)) == frozenset()


def test_what_a_source_told_is_found_by_its_codes_and_what_others_told_is_not(store: Store):
    mine, others = make(store, "a", source="mine"), make(store, "b", source="others")
    tell(
        store,
        "others",
        {"MaHoSo": "A-1", "TrangThaiHoSo": "4"},
        {"MaHoSo": "A-2", "TrangThaiHoSo": "2"},
        order=("others",),
    )
    tell(
        store,
        "mine",
        {"MaHoSo": "A-1", "TrangThaiHoSo": "2"},
        {"MaHoSo": "A-3", "TrangThaiHoSo": "9"},
        order=("others",),
    )
    asked = ["A-1", "A-2", "A-3", "A-4"]
    with store.read() as session:
        by_me = source_told.told_by(session, mine.source_id, asked, None)
        by_them = source_told.told_by(session, others.source_id, asked, None)
    assert {code: told.status_text for code, told in by_me.items()} == {"A-1": "2", "A-3": "9"}
    assert {code: told.status_text for code, told in by_them.items()} == {"A-1": "4", "A-2": "2"}
    assert by_me["A-1"].due_at == datetime(2026, 8, 28, 9, 20, tzinfo=VN)


def test_dossiers_of_units_out_of_reach_are_not_found(store: Store):
    key = make(store)
    tell(
        store,
        "mot-cua",
        {"MaHoSo": "A-1"},
        {"MaHoSo": "A-2", "DonViXuLy": "Sở Công Thương"},
        {"MaHoSo": "A-3", "DonViXuLy": ""},
    )
    with store.read() as session:
        reach = source_keys.reach(session, ("H15.16",))
        found = source_told.told_by(session, key.source_id, ["A-1", "A-2", "A-3"], reach)
    assert set(found) == {"A-1", "A-3"}
