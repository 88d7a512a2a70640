"""What was decided of a subject -> the claims to be written, each with the people it tells. Pure but for what it counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from notifications.alerts.deciding import Claim, Claimed, Decided, Fate, Versions
from notifications.alerts.directory import Directory, Recipient
from notifications.alerts.rungs import Who
from tracker.store.alert_store import AccountRow, ClaimRow, NewAlert, NewTold, SettingRow
from tracker.types import VN

MOVED = "Ngày hẹn trả dời từ {before} sang {now}."
DATE = "%d/%m/%Y"


@dataclass(frozen=True, slots=True)
class Subject:
    """What rungs are claimed of. `before`: the due date by which it was claimed last (epoch seconds)."""

    kind: str
    subject_id: int
    unit_id: int | None
    due_at: datetime | None
    versions: Versions
    officer: str = ""
    assigned: int | None = None
    words: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """Which of the people get mail: of all alerts, or of urgent ones."""

    has_mail: bool
    accounts: Mapping[int, AccountRow]
    settings: Mapping[int, SettingRow]

    def by_mail(self, account_id: int, *, is_urgent: bool) -> bool:
        """Does a mail to this person carry it?"""
        account = self.accounts.get(account_id)
        if not self.has_mail or account is None or not account.mails:
            return False
        chosen = self.settings.get(account_id)
        return chosen is None or chosen.digest_by_mail or (is_urgent and chosen.urgent_by_mail)


class Claimer:
    """Makes claims, and remembers of which units nobody could be told."""

    def __init__(self, directory: Directory, ways: Ways) -> None:
        self._directory, self._ways = directory, ways
        self.unheard: Counter[int | None] = Counter()
        self._told: dict[tuple[tuple[Who, ...], int | None], tuple[Recipient, ...]] = {}

    def alerts(self, subject: Subject, decided: Decided, batch_id: int | None = None) -> list[NewAlert]:
        """The claims of one subject. `batch_id`: the load that brought it with many others."""
        return [self._alert(subject, claim, batch_id) for claim in decided.claims]

    def _alert(self, subject: Subject, claim: Claim, batch_id: int | None) -> NewAlert:
        people = self.people(claim.who, subject) if claim.fate is Fate.TOLD else ()
        fate = Fate.NOBODY if claim.fate is Fate.TOLD and not people else claim.fate
        if fate is Fate.NOBODY:
            self.unheard[subject.unit_id] += 1
        urgent = claim.rung.is_urgent
        return NewAlert(
            subject_kind=subject.kind,
            subject_id=subject.subject_id,
            measure=claim.rung.measure.value,
            threshold=claim.rung.threshold,
            version=claim.version,
            unit_id=subject.unit_id,
            due_at=subject.due_at,
            measured=claim.measured,
            rank=claim.rung.rank,
            fate=fate.value,
            reason=_moved(subject) if claim.is_moved else "",
            rule_id=claim.rung.rule_id,
            batch_id=batch_id,
            detail=subject.words,
            is_urgent=urgent,
            told=tuple(
                NewTold(each.account_id, each.why.value, each.instead_of, self._ways.by_mail(each.account_id, is_urgent=urgent))
                for each in people
            ),
        )  # fmt: skip

    def people(self, who: tuple[Who, ...], subject: Subject) -> tuple[Recipient, ...]:
        """Whom it tells; without a handler to be found the answer is that of the unit."""
        is_named = Who.HANDLER in who and (subject.officer or subject.assigned is not None)
        if is_named:
            return self._directory.told(
                who, subject.unit_id, officer=subject.officer, assigned=subject.assigned
            )
        key = who, subject.unit_id
        if key not in self._told:
            self._told[key] = self._directory.told(who, subject.unit_id)
        return self._told[key]


def claimed(row: ClaimRow) -> Claimed:
    """A claim of the store as the decider sees it."""
    return Claimed(
        row.alert_id, row.measure, row.threshold, row.version, row.due_at, row.rank, row.is_dropped
    )


def _moved(subject: Subject) -> str:
    before = None if subject.before is None else datetime.fromtimestamp(subject.before, VN)
    return MOVED.format(before=_date(before), now=_date(subject.due_at))


def _date(at: datetime | None) -> str:
    return at.astimezone(VN).strftime(DATE) if at else "không có ngày hẹn"
