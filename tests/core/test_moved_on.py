"""Where nothing but how a dossier stands may differ, the short way says what the long one would."""

from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_progress import DOSSIER
from tracker.ingest.changes import Ending, decide, moved_on
from tracker.types import EndKind, SourceStatus

endings = st.builds(
    Ending,
    st.none() | st.sampled_from([1_646_000_000, 1_647_000_000]),
    st.none() | st.sampled_from([kind.value for kind in EndKind]),
    st.sampled_from([status.value for status in SourceStatus]),
)
flags = st.sets(st.sampled_from(["END_MISSING", "PAUSES_FROM_EVENTS", "STATUS_REGRESSION"]))


@given(endings, endings, flags, st.none() | st.just(1_646_500_000))
def test_it_says_what_a_whole_decision_says(
    before: Ending, after: Ending, flagged: set[str], updated: int | None
):
    told = DOSSIER._replace(**after._asdict(), flags=" ".join(sorted(flagged)), updated_at=updated)
    whole = decide(told._replace(**before._asdict()), told, told_at=1_648_000_000)
    assert moved_on(before, told, told_at=1_648_000_000) == (whole.version.flags, whole.events)
