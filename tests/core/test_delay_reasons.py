"""Which reason a letter gives, held against a slow look-up; wordings to choose from."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from letters.delay import ReasonBook
from letters.reasons import load_suggestions
from tracker.store.delay_reasons import KnownReason

FIRST = date(2026, 8, 1)
DAYS = st.integers(0, 6).map(lambda days: FIRST + timedelta(days=days))
IDS = st.sampled_from([None, 1, 2, 3])
ENTERED = datetime(2026, 8, 1, tzinfo=UTC)


@st.composite
def reasons(draw: st.DrawFn) -> list[KnownReason]:
    """Newest first, as the store gives them."""
    rows = draw(st.lists(st.tuples(IDS, IDS, DAYS, DAYS), max_size=12))
    return [
        KnownReason(number, unit, procedure, min(one, other), max(one, other), f"R{number}", "h", ENTERED)
        for number, (unit, procedure, one, other) in reversed(list(enumerate(rows, 1)))
    ]


def slow(known: list[KnownReason], units: list[int | None], procedure: int | None, due: date | None) -> str:
    """Every reason that fits, ranked one by one: said of the unit and the procedure, of the unit, of the procedure, of all."""

    def rank(reason: KnownReason) -> tuple[int, int, int]:
        said_of_unit, said_of_procedure = reason.unit_id is not None, reason.procedure_id is not None
        place = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}
        nearness = units.index(reason.unit_id) if said_of_unit else 0
        return place[said_of_unit, said_of_procedure], nearness, -reason.reason_id

    fitting = [
        reason
        for reason in known
        if due is not None
        and reason.due_from <= due <= reason.due_to
        and (reason.unit_id is None or reason.unit_id in units)
        and (reason.procedure_id is None or reason.procedure_id == procedure)
    ]
    return min(fitting, key=rank).text if fitting else ""


@given(reasons(), IDS, IDS, IDS, st.one_of(st.none(), DAYS))
def test_the_narrowest_reason_counts_then_the_newest(
    known: list[KnownReason],
    resolving: int | None,
    successor: int | None,
    procedure: int | None,
    due: date | None,
):
    found = ReasonBook(known).find((resolving, successor), procedure, due)
    assert found == slow(known, [resolving, successor], procedure, due)


def test_the_wordings_to_choose_from_can_stand_in_a_letter():
    texts = [each.text for each in load_suggestions()]
    assert len(texts) >= 8
    assert [text for text in texts if text != text.strip(" .;,:") or not text[0].isupper()] == []
