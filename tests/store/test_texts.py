"""Text is ordered and compared by code point on every database, and what none can hold does no harm."""

import random
from datetime import datetime

import pytest
from sqlalchemy import insert, select, text

from tests.letter_world import add_catalogue, add_dossiers, dossier
from tracker.store import audit, board, catalogue, people
from tracker.store.audit import Act
from tracker.store.dossier_queries import find_dossier
from tracker.store.models import AuditEntry, Field, Procedure
from tracker.store.open_states import OpenState
from tracker.store.session import Store
from tracker.types import VN

# A Vietnamese or English order would mix these: marks, case, punctuation, letters beyond the first plane.
NAMES = [
    "đất",
    "dat",
    "Đất",
    "zoo",
    "ăn",
    "an",
    "An",
    "a-n",
    "a n",
    "a.n",
    "ân",
    "ẩn",
    "𝔸n",
    "ﬀ",
    "_",
    "9",
    "10",
    "~",
]
NOT_TEXT = ["\x00", "a\x00b", "\ud800", "đ\udfffx"]


def test_names_are_ordered_by_code_point(store: Store):
    rows = [{"id": 10_000 + n, "folded": name, "name": name} for n, name in enumerate(NAMES)]
    with store.transaction() as session:
        session.execute(insert(Field), rows)
    with store.read() as session:
        for column in (Field.folded, Field.name):
            query = select(column).where(Field.id >= 10_000).order_by(column)
            assert list(session.scalars(query)) == sorted(NAMES)


def test_a_search_finds_exactly_the_codes_that_begin_with_its_text(store: Store):
    add_catalogue(store)
    rng = random.Random(5)
    codes = sorted({"".join(rng.choices("aAbBđĐ-._19 ", k=rng.randrange(1, 6))) for _ in range(400)})
    add_dossiers(store, *(dossier(number, code=code) for number, code in enumerate(codes, 1)))
    with store.read() as session:
        for beginning in ("a", "A", "a-", "đ", "Đ", "1", "-", "a.b", "zz"):
            found = [code for code, _, _ in board.codes_like(session, beginning, None, limit=1_000)]
            assert found == [code for code in codes if code.startswith(beginning)]


@pytest.mark.postgresql_only("SQLite has no other order")
def test_every_text_column_of_the_database_has_the_order_of_code_points(store: Store):
    query = text(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_collation o ON o.oid = a.attcollation"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') AND o.collname <> 'C' AND c.relname NOT LIKE 'alembic%'"
    )
    with store.read() as session:
        assert session.scalars(query).all() == []


@pytest.mark.parametrize("told", NOT_TEXT, ids=repr)
def test_what_no_database_can_hold_is_found_nowhere_and_harms_nothing(store: Store, told: str):
    with store.read() as session:
        assert people.find_login(session, told) is None
        assert catalogue.find_unit(session, told) is None
        assert board.codes_like(session, told, None, limit=10) == []
        assert find_dossier(session, told, unit_ids=None, known=None) is None


@pytest.mark.parametrize("told", NOT_TEXT, ids=repr)
def test_what_no_database_can_hold_is_kept_as_a_replacement_character(store: Store, told: str):
    kept = "".join("\ufffd" if each in "\x00\ud800\udfff" else each for each in told)
    with store.transaction() as session:
        audit.append_acts(session, [Act(datetime(2026, 8, 24, tzinfo=VN), told, "search", told, {"q": told})])
        source = catalogue.source_id(session, told)
        assert catalogue.source_id(session, told) == source
    with store.read() as session:
        (act,) = audit.recent_acts(session)
        assert (act.actor, act.subject) == (kept, kept)
        assert session.scalar(select(AuditEntry.actor)) == kept


@pytest.mark.parametrize("told", NOT_TEXT, ids=repr)
def test_a_name_of_a_source_with_what_cannot_be_stored_is_known_again_by_the_next_batch(
    store: Store, told: str
):
    for _batch in range(2):
        with store.transaction() as session:
            resolver = catalogue.Resolver(session, lambda: None)
            ids = resolver.unit(told), resolver.field(told), resolver.procedure("", told, None)
    with store.transaction() as session:
        resolver = catalogue.Resolver(session, lambda: None)
        assert (resolver.unit(told), resolver.field(told), resolver.procedure("", told, None)) == ids


def test_a_name_longer_than_any_index_takes_is_known_again_too(store: Store):
    rng = random.Random(9)
    name = "".join(rng.choices("ăâđêôơưắằẳẵặ𝔸𝔹ℂ一丁七万", k=20_000))
    for _batch in range(2):
        with store.transaction() as session:
            resolver = catalogue.Resolver(session, lambda: None)
            resolver.unit(name)
            resolver.field(name)
            resolver.procedure(name, name, None)
    with store.read() as session:
        assert len(session.scalars(select(Procedure.name).where(Procedure.code.like("%一%"))).all()) == 1


def test_a_number_in_an_address_may_be_of_any_size(store: Store):
    with store.read() as session:
        assert not board.is_letter_of(session, 10**30, None)
        for order in board.Order:
            after = board.Cursor(10**30, 10**30)
            as_of = datetime(2026, 8, 24, tzinfo=VN)
            chosen = board.Selection(as_of, frozenset(OpenState), order=order, after=after)
            assert board.open_dossiers(session, chosen, limit=5) == []
