"""The ledger kept up with the store: obligations opened and closed, drafts that no longer fit voided, promises judged.

Gather, decide, apply. Nothing here depends on how often it runs: a second run for the same moment changes nothing. A run
for an earlier moment than an obligation was last judged for leaves that one alone. What a run looks at says `letters.reach`.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from letters.case import LetterPolicy, Names, claim_of, due_for, local_date, midnight
from letters.ledger import Claim, Held, Kept, LedgerReason, Outcome, decide
from letters.obligations import Duty, LetterKind
from letters.path import BEFORE_SIGNATURE, Promise, Step, promise_of
from letters.reach import Asked, Reach, active, candidates, due_promises, reach_of, settle
from tracker.store import letter_moves, obligation_store
from tracker.store.letter_candidates import CHUNK, Candidate, load_catalogue
from tracker.store.letter_moves import Move, MovingLetter
from tracker.store.letter_store import lock_register
from tracker.store.obligation_store import EndFacts, KeptRow, LedgerChange, Moment
from tracker.store.promises import PromiseRow
from tracker.store.session import Session, Store
from tracker.timekeeping.lateness import is_late_epoch
from tracker.types import VN

ACTOR = "system"
# Its own words in the register, so that everybody sees why a draft went.
VOID_CLOSED = "không còn phải xin lỗi: {reason}"
VOID_KIND = "hồ sơ đã sang trạng thái khác, cần loại thư khác"
VOID_DUE = "ngày hẹn của hồ sơ đã thay đổi"
VOID_PASSED = "ngày hẹn mới trong thư đã qua trước khi ký"
REASON_WORDS: Mapping[str, str] = {
    LedgerReason.FINISHED_IN_TIME: "hồ sơ đã giải quyết trong hạn",
    LedgerReason.SUSPENDED: "hồ sơ đang tạm dừng",
    LedgerReason.NO_LONGER_LATE: "ngày hẹn hoặc lịch làm việc đã được điều chỉnh",
    LedgerReason.GONE: "nguồn đã xóa hồ sơ",
    LedgerReason.WITHDRAWN: "người nộp đã rút hồ sơ",
    LedgerReason.BEFORE_START: "hồ sơ kết thúc trước ngày bắt đầu theo dõi xin lỗi",
}


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What a run changed: obligations by the state that they came to, drafts voided, promises by what became of them.

    `is_whole`: it looked at every dossier, and not only at what may have changed since the last run. `restated`: obligations
    that stand as they stood, and say something else of the letter that is owed.
    """

    opened: Mapping[str, int]
    changed: Mapping[str, int]
    voided: int
    promises: Mapping[str, int]
    escalated: tuple[int, ...]
    is_whole: bool = True
    restated: int = 0

    @property
    def found(self) -> int:
        """The changes together with `restated`."""
        return self.total + self.restated

    @property
    def total(self) -> int:
        """How many changes."""
        return (
            sum(self.opened.values()) + sum(self.changed.values()) + self.voided + sum(self.promises.values())
        )


InSameStep = Callable[[Session, LedgerReport], None]


@dataclass(slots=True)
class _Plan:
    """What a run is going to do; `start`: dossiers that ended before this instant are from before the first letter."""

    asked: Asked
    policy: LetterPolicy
    names: Names
    start: int | None
    changes: list[LedgerChange] = field(default_factory=list)
    voids: dict[int, str] = field(default_factory=dict)  # letter id -> why
    promises: list[tuple[PromiseRow, Promise]] = field(default_factory=list)
    later: list[int] = field(default_factory=list)  # dossiers that were judged for a later moment


def keep_ledger(  # noqa: PLR0913 -- of which store, for when, by what, when, by whom, how far
    store: Store,
    as_of: datetime,
    policy: LetterPolicy,
    *,
    now: datetime,
    actor: str = ACTOR,
    whole: bool = False,
    in_same_step: InSameStep = lambda _session, _report: None,
) -> LedgerReport:
    """Bring the ledger up to a moment; `in_same_step` writes into the transaction that changes it, last.

    Looks at what may have changed since it was last kept (`letters.reach`); `whole`: at every dossier.
    """
    latest = midnight(now.astimezone(VN).date() + timedelta(days=1)) - 1
    asked = Asked(int(as_of.timestamp()), as_of.astimezone(VN).date(), latest)
    start = midnight(policy.letters_from) if policy.letters_from else None
    with store.read() as session:
        plan = _Plan(asked, policy, Names(load_catalogue(session)), start)
        reach = reach_of(session, as_of, policy, plan.names, day=asked.day, whole=whole)
        _decide(session, plan, reach)
    with store.transaction() as session:
        report = replace(
            _applied(session, plan, Moment(asked.epoch, now, actor)), is_whole=reach.dossiers is None
        )
        settle(session, reach, as_of, plan.later)
        in_same_step(session, report)
    return report


# ---------------------------------------------------------------- decide


def _decide(session: Session, plan: _Plan, reach: Reach) -> None:
    """Decide chunk by chunk, so that memory holds the changes and not the ledger."""
    seen = array("q")
    for chunk in candidates(session, reach, plan.asked, plan.policy):
        numbers = [found.dossier_id for found in chunk]
        kept = obligation_store.kept_rows(session, numbers)
        for found in chunk:
            _decide_one(plan, found, kept.get(found.dossier_id))
        seen.extend(numbers)
    gone = np.setdiff1d(active(session, reach), np.array(seen, dtype=np.int64)).tolist()
    for start in range(0, len(gone), CHUNK):
        _close_gone(session, plan, gone[start : start + CHUNK])
    plan.promises = list(_promises(session, plan, reach))


def _close_gone(session: Session, plan: _Plan, numbers: Sequence[int]) -> None:
    """Obligations that stand though their dossiers are late no longer."""
    kept = obligation_store.kept_rows(session, numbers)
    ends = obligation_store.end_facts(session, numbers)
    for number, row in kept.items():
        if plan.asked.is_later(row.judged_at):
            plan.later.append(number)
            continue
        claim = Claim(Duty.NONE, _closing(ends.get(number), plan.asked.epoch))
        _note(plan, row, claim, decide(kept_of(row), claim))


def _decide_one(plan: _Plan, found: Candidate, row: KeptRow | None) -> None:
    asked = plan.asked
    if row is not None and asked.is_later(row.judged_at):
        plan.later.append(found.dossier_id)
        return
    claim = claim_of(found, plan.policy, as_of=asked.epoch, day=asked.day)
    outcome = outcome_of(found, row, claim, start=plan.start)
    if row is None and outcome is None:
        return
    wanted = outcome or _standing(row)
    kind = claim.kind or LetterKind.OVERDUE
    due_at = due_for(found, kind, asked.epoch)[0]
    issuer = plan.names.issuer((row.fault_unit_id if row else None) or found.resolving_unit_id, asked.day)
    says = (claim.kind.value if claim.kind else "", due_at, issuer.unit_id if issuer else None)
    told = None if row is None else (row.kind, row.due_at, row.unit_id)
    if outcome is not None or says != told:
        steps = row.steps if row else 0
        plan.changes.append(
            LedgerChange(found.dossier_id, wanted.state, wanted.reason, *says, steps, outcome is not None)
        )
    if row is not None:
        _void(plan, row, claim, wanted, due_at=due_at)


def outcome_of(found: Candidate, row: KeptRow | None, claim: Claim, *, start: int | None) -> Outcome | None:
    """What a dossier's obligation is to become; `start`: the instant before which an end is from before the first letter."""
    before_start = start is not None and found.ended_at is not None and found.ended_at < start
    return decide(None if row is None else kept_of(row), claim, before_start=before_start)


def kept_of(row: KeptRow) -> Kept:
    """The obligation as the decider looks at it."""
    return Kept(Held(row.state), row.reason, by_person=bool(row.decided_by), has_signed=row.signed > 0)


def _standing(row: KeptRow | None) -> Outcome:
    if row is None:
        raise AssertionError("nothing stands where nothing was opened")
    return Outcome(Held(row.state), row.reason)


def _closing(end: EndFacts | None, as_of: int) -> LedgerReason:
    if end is None or end.status in ("deleted", "refused", "filed"):
        return LedgerReason.GONE
    if end.ended_at is not None and end.ended_at <= as_of:
        return LedgerReason.FINISHED_IN_TIME
    return LedgerReason.SUSPENDED if end.suspended_since is not None else LedgerReason.NO_LONGER_LATE


def _note(plan: _Plan, row: KeptRow, claim: Claim, outcome: Outcome | None) -> None:
    """An obligation whose dossier is late no longer."""
    if outcome is None:
        return
    plan.changes.append(
        LedgerChange(
            row.dossier_id, outcome.state, outcome.reason, row.kind, row.due_at, row.unit_id, row.steps, True
        )
    )
    _void(plan, row, claim, outcome, due_at=row.due_at)


def _void(plan: _Plan, row: KeptRow, claim: Claim, wanted: Outcome, *, due_at: int | None) -> None:
    """A letter that nobody has signed and that is not true any more is voided; a new one is drafted from what is."""
    if row.letter_id is None or row.letter_state not in BEFORE_SIGNATURE:
        return
    if plan.asked.is_later(row.letter_as_of or 0):
        plan.later.append(row.dossier_id)
        return
    new_due = local_date(row.letter_new_due_at)
    if wanted.state is not Held.OWED:
        why = VOID_CLOSED.format(reason=REASON_WORDS.get(wanted.reason, "cần kiểm tra lại"))
    elif claim.kind is not None and row.letter_kind != claim.kind:
        why = VOID_KIND
    elif row.letter_due_at != due_at:
        why = VOID_DUE
    elif new_due is not None and new_due < plan.asked.day:
        why = VOID_PASSED
    else:
        return
    plan.voids[row.letter_id] = why


def _promises(session: Session, plan: _Plan, reach: Reach) -> Iterator[tuple[PromiseRow, Promise]]:
    """New dates of delivered letters of which something else is true now than the register says."""
    asked, policy = plan.asked, plan.policy
    for row in due_promises(session, reach, asked):
        if row.delivered_at > asked.epoch:
            plan.later.append(row.dossier_id)
            continue
        ended = row.ended_at if row.ended_at is not None and row.ended_at <= asked.epoch else None
        since = row.suspended_since
        suspended = since is not None and not is_late_epoch(row.new_due_at, since)
        now = promise_of(
            new_due_at=row.new_due_at,
            ended_at=ended,
            as_of=asked.epoch,
            is_suspended=suspended,
            is_withdrawn=row.end_kind == "withdrawn",
        )
        limit = policy.rules.on(local_date(row.received_at)).max_reappointments
        if now is Promise.BROKEN and ended is None and row.promises < limit:
            now = Promise.RENEWED
        if now != row.promise:
            yield row, now


# ---------------------------------------------------------------- apply

_STEP_OF: Mapping[Promise, Step] = {
    Promise.KEPT: Step.PROMISE_KEPT,
    Promise.BROKEN: Step.PROMISE_BROKEN,
    Promise.RENEWED: Step.PROMISE_BROKEN,
    Promise.OPEN: Step.PROMISE_OPEN,
    Promise.NONE: Step.PROMISE_ENDED,
}


def _applied(session: Session, plan: _Plan, moment: Moment) -> LedgerReport:
    lock_register(session)
    changes = obligation_store.unchanged_since(session, plan.changes)
    obligation_store.write_changes(session, changes, moment)
    voided = _voided(session, plan.voids, moment)
    letters = {row.letter_id: row for row in _letters(session, (row.letter_id for row, _ in plan.promises))}
    judged = [
        (row, now, letters[row.letter_id])
        for row, now in plan.promises
        if row.letter_id in letters and letters[row.letter_id].promise == row.promise
    ]
    letter_moves.move(
        session,
        [Move(letter, _STEP_OF[now], {"promise": now.value}) for _, now, letter in judged],
        actor=moment.actor,
        at=moment.now,
    )
    # The new date was missed as well, and no other may be given: from here on it is the superior's business.
    escalated = tuple(
        row.dossier_id for row, now, _ in judged if now is Promise.BROKEN and row.ended_at is None
    )
    obligation_store.mark_escalated(session, escalated, moment)
    return LedgerReport(
        opened=Counter(change.state for change in changes if change.steps == 0),
        changed=Counter(change.state for change in changes if change.steps > 0 and change.has_step),
        voided=voided,
        promises=Counter(now.value for _, now, _ in judged),
        escalated=escalated,
        restated=sum(not change.has_step for change in changes),
    )


def _letters(session: Session, letter_ids: Iterable[int]) -> list[MovingLetter]:
    return letter_moves.letters_to_move(session, list(letter_ids))


def _voided(session: Session, voids: Mapping[int, str], moment: Moment) -> int:
    letters = [letter for letter in _letters(session, voids) if letter.state in BEFORE_SIGNATURE]
    moves = [Move(letter, Step.VOIDED, {"state": "void"}, voids[letter.letter_id]) for letter in letters]
    letter_moves.move(session, moves, actor=moment.actor, at=moment.now)
    return len(moves)
