"""Two people who conclude about the same signs at the same moment: one is written down whole, the other is told and writes nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.finding_acts import FindingDesk, FindingsChanged
from app.finding_forms import ACTS, mark_of_steps, read
from letters.moving import Asker
from tests.web.finding_sets import EQUAL, MOVED, SUSPENDED
from tests.web.world import NOW, StandingContext
from tracker.store import finding_said
from tracker.store.models import AuditEntry, Finding, FindingStep

IDS = [MOVED, SUSPENDED, EQUAL]
SEEN = mark_of_steps({MOVED: 0, SUSPENDED: 1, EQUAL: 0})
PEOPLE = ("thanh-tra-mot", "thanh-tra-hai", "thanh-tra-ba")


def conclude(context: StandingContext, login: str, together: Barrier) -> str:
    act = ACTS["chap-nhan"]
    form = read(act, {"nhan-xet": f"Có biên bản kèm theo, {login} đã xem"})
    together.wait()
    try:
        report = FindingDesk(context, Asker(login, NOW)).settle(IDS, act, form, SEEN)
    except FindingsChanged:
        return ""
    assert report.done == tuple(IDS)
    return login


def test_of_several_who_conclude_at_once_exactly_one_is_written_down(context: StandingContext):
    together = Barrier(len(PEOPLE))
    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        won = [each for each in pool.map(lambda login: conclude(context, login, together), PEOPLE) if each]
    assert len(won) == 1
    with context.store.read() as session:
        steps = session.query(FindingStep).filter(FindingStep.by.in_(PEOPLE)).all()
        assert {(step.finding_id, step.by, step.state) for step in steps} == {
            (each, won[0], "dismissed") for each in IDS
        }
        assert {session.get_one(Finding, each).state for each in IDS} == {"dismissed"}
        entries = session.query(AuditEntry).filter(AuditEntry.action == "finding_dismiss").all()
        assert [entry.actor for entry in entries] == won


def test_what_was_said_before_stays_as_it_was(context: StandingContext):
    with context.store.read() as session:
        before = finding_said.said_of(session, SUSPENDED)
    conclude(context, "thanh-tra-mot", Barrier(1))
    with context.store.read() as session:
        assert finding_said.said_of(session, SUSPENDED)[1:] == before
