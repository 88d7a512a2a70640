"""What the pages of alerts show: the own list by filters, one alert with its ladder, a dossier's alerts on its own page.

How late something is is measured anew for what is shown; whether an alert stands says `tracker.store.alert_standing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from app import alert_words, outbox_words
from app.access import OFFICE, Role
from app.alert_words import STANDS, Then
from app.context import AppContext
from app.presenters import Chip
from app.typed_numbers import row_asked, row_number
from app.works.alerting import alert_policy
from notifications.alerts.causes import Moment
from notifications.alerts.deciding import Fate
from notifications.alerts.judging import Judge
from notifications.alerts.rungs import Measure, Standing
from notifications.alerts.words import rung_words
from notifications.kinds import ChannelName
from tracker.store import alert_lists, alert_store, alert_subjects, catalogue, dossier_sheet
from tracker.store.alert_acts import AckLine, AssignmentLine
from tracker.store.alert_candidates import rows_of
from tracker.store.alert_lists import AlertRow, Chosen, Claimed, Cursor, Stand, SubjectRow, ToldRow
from tracker.store.alert_standing import DOSSIER
from tracker.store.alert_store import AckRow
from tracker.store.dossier_sheet import DossierSheet
from tracker.store.outbox import MessageState
from tracker.store.session import Session
from tracker.types import VN, Facts, Lateness

PAGE = 50
COUNT_CAP = 10_000
# Who may take dossiers on and give them to others.
ACTORS = OFFICE | {Role.REFORM}


@dataclass(frozen=True, slots=True)
class AlertFilters:
    """What the list shows, as the address says it; what cannot be used is left out."""

    stand: Stand = Stand.OPEN
    measure: str = ""
    unit_id: int | None = None

    def as_address(self) -> dict[str, str]:
        """The parts of the address that narrow the list."""
        stand = "" if self.stand is Stand.OPEN else self.stand.value
        given = {"loc": stand, "loai": self.measure, "don-vi": self.unit_id}
        return {key: str(value) for key, value in given.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Is it less than all of a tab?"""
        return bool(self.measure or self.unit_id)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose page it is: the account, its role, the units it may see (None = all), the unit it asked for with all below."""

    account_id: int
    role: Role
    unit_ids: frozenset[int] | None
    inside: frozenset[int] | None = None

    def sees(self, unit_id: int | None) -> bool:
        """May it see dossiers of this unit?"""
        return self.role is not Role.ADMIN and (self.unit_ids is None or unit_id in self.unit_ids)

    @property
    def acts(self) -> bool:
        """May it do something about dossiers?"""
        return self.role in ACTORS


def read_filters(address: Mapping[str, str]) -> AlertFilters:
    """From the query string."""
    stand, measure = address.get("loc", ""), address.get("loai", "")
    return AlertFilters(
        Stand(stand) if stand in set(Stand) else Stand.OPEN,
        measure if measure in set(Measure) else "",
        row_asked(address, "don-vi"),
    )


def read_cursor(text: str) -> Cursor | None:
    """Where the page before ended: "rank.due.id"; None for the first page, and where it cannot be read."""
    numbers = [row_number(part) for part in text.split(".")]
    known = [each for each in numbers if each is not None]
    return Cursor(*known) if len(known) == len(numbers) == len(Cursor._fields) else None


def moment_of(context: AppContext, session: Session, now: datetime) -> Moment:
    """The present, by what the office decided about alerts."""
    day = now.astimezone(VN).date()
    return Moment(context.store, session, alert_policy(context), context.calendars, day, now)


def chosen_of(filters: AlertFilters, reader: Reader, moment: Moment) -> Chosen:
    """What is asked of the store."""
    return Chosen(
        reader.account_id,
        moment.policy.basis,
        moment.day,
        filters.stand,
        filters.measure,
        reader.unit_ids,
        None if filters.unit_id is None else reader.inside,
        of_program=reader.role is Role.ADMIN,
    )


# ---------------------------------------------------------------- how dossiers stand now


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A dossier as it stands now: facts, verdict, what is measured, who took it on."""

    facts: Facts
    verdict: Lateness
    standing: Standing
    officer: str
    unit_id: int | None
    ack: AckRow | None
    assigned: int | None


def standpoints(moment: Moment, dossier_ids: Iterable[int]) -> dict[int, Standpoint]:
    """These dossiers as they stand at the moment, ended or not."""
    session, ids = moment.session, sorted(set(dossier_ids))
    judge = Judge(moment)
    acks, assigned = alert_store.acks_of(session, ids), alert_store.assigned_of(session, ids)
    found = {}
    for number, row in rows_of(session, ids, moment.as_of, moment.policy.basis).items():
        ack = acks.get(number)
        facts, verdict = judge.verdict(row)
        standing = judge.standing(row, facts, verdict, ack.promised_on if ack else None)
        found[number] = Standpoint(
            facts, verdict, standing, row.officer, row.unit_id, ack, assigned.get(number)
        )
    return found


@dataclass(frozen=True, slots=True)
class Names:
    """What is shown by name: units, accounts, sources."""

    units: Mapping[int, str]
    people: Mapping[int, str]
    sources: Mapping[int, str]


def names_of(session: Session, source_ids: Iterable[int] = ()) -> Names:
    """The names of all units and open accounts, and of these sources."""
    units = {number: unit.name for number, unit in catalogue.units(session).items()}
    people = {each.account_id: each.full_name for each in alert_store.accounts(session)}
    return Names(units, people, alert_subjects.sources(session, set(source_ids)))


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert of the list. `now`: how it stands; `subject`: what it is about, where that is no dossier; `why`, `rule`: as
    whom the reader was told, and by which rung; `taken`: by whom until when; `dossier_id`: what can be acted on, None where nothing can; `has_page`: the dossier's page opens.
    """

    row: AlertRow
    now: Chip
    subject: str
    unit: str
    officer: str
    why: str
    rule: str
    taken: str
    assigned: str
    due_at: datetime | None
    dossier_id: int | None
    has_page: bool


def lines_of(moment: Moment, rows: Sequence[AlertRow], reader: Reader) -> list[AlertLine]:
    """The rows of a page with what is true of them now."""
    now = standpoints(moment, (row.dossier_id for row in rows if row.dossier_id is not None))
    names = names_of(moment.session, (row.subject_id for row in rows if row.subject_kind == "source"))
    return [_line(row, now.get(row.dossier_id or 0), names, reader, moment.day) for row in rows]


def _line(row: AlertRow, now: Standpoint | None, names: Names, reader: Reader, today: date) -> AlertLine:
    measure, is_own = Measure(row.measure), reader.sees(row.unit_id)
    of_dossier = row.subject_kind == DOSSIER
    can_act = of_dossier and is_own and reader.acts and now is not None
    is_done = now is not None and now.verdict.state in alert_words.ENDED
    return AlertLine(
        row=row,
        now=chip_of(row, now, today, is_so=row.stands),
        subject=subject_words(row.subject_kind, row.subject_id, row.detail, names),
        unit=names.units.get(row.unit_id or 0, ""),
        officer=now.officer if now is not None and is_own else "",
        why=_capital(alert_words.who_words(row.why, row.instead_of)),
        rule=alert_words.rule_words(measure, row.threshold, row.rule_id),
        taken=taken_words(now, names) if of_dossier else "",
        assigned=names.people.get(now.assigned or 0, "") if now is not None and of_dossier else "",
        due_at=now.facts.due_at if now is not None else row.due_at,
        dossier_id=row.dossier_id if can_act and not is_done else None,
        has_page=reader.sees(row.resolving_unit_id),
    )


def chip_of(row: AlertRow | Claimed, now: Standpoint | None, today: date, *, is_so: bool) -> Chip:
    """How an alert stands now, or why it no longer does (`is_so`). `now`: of its dossier."""
    measure, of_dossier = Measure(row.measure), row.subject_kind == DOSSIER
    own = now if of_dossier else None
    if is_so or (own is not None and _is_only_held(own, measure, row.due_at)):
        then = Then(row.measured, row.day, today)
        return alert_words.today_chip(measure, own.standing if own else {}, then)
    return alert_words.gone_chip(
        measure, row.due_at, own.facts if own else None, own.verdict if own else None
    )


def _is_only_held(now: Standpoint, measure: Measure, due_at: datetime | None) -> bool:
    """Does nothing but somebody's promise silence it: its date runs, and is the same?"""
    return measure in alert_words.DUE and Measure.DAYS_LEFT in now.standing and now.facts.due_at == due_at


def taken_words(now: Standpoint | None, names: Names) -> str:
    """Who took a dossier on, until when; empty where nobody did."""
    ack = now.ack if now is not None else None
    if ack is None or ack.promised_on is None:
        return ""
    return (
        f"{names.people.get(ack.by_account, 'tài khoản đã đóng')} nhận, hẹn xong {ack.promised_on:%d/%m/%Y}"
    )


def subject_words(kind: str, subject_id: int, detail: str, names: Names) -> str:
    """What an alert is about that is about no dossier; `detail` of a source begins with its name."""
    if kind == "source":
        return f"Nguồn {detail or names.sources.get(subject_id, f'số {subject_id}')}"
    named = {
        "unit": names.units.get(subject_id, "Hồ sơ chưa rõ đơn vị"),
        "year": f"Năm {subject_id}",
        "batch": f"Lần nạp số {subject_id}",
    }.get(kind, "")
    return f"{named}: {detail}" if named and detail and not detail.startswith(named) else detail or named


# ---------------------------------------------------------------- one alert


@dataclass(frozen=True, slots=True)
class WayLine:
    """One message to one person: by which way, where it stands, when it left."""

    word: str
    chip: Chip
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One person who is told: as whom, by which messages."""

    name: str
    why: str
    ways: tuple[WayLine, ...]


@dataclass(frozen=True, slots=True)
class RungLine:
    """One claim of the ladder. `fate`: why nobody was told, empty where somebody is."""

    claim: Claimed
    rung: str
    measured: str
    fate: str
    told: tuple[ToldLine, ...]


@dataclass(frozen=True, slots=True)
class AlertStory:
    """All that was claimed of a subject, who was told, and what people did about it, the newest first."""

    rungs: tuple[RungLine, ...]
    acks: tuple[AckLine, ...]
    assignments: tuple[AssignmentLine, ...]

    @property
    def newest(self) -> int | None:
        """The alert that was claimed last."""
        return self.rungs[-1].claim.alert_id if self.rungs else None


@dataclass(frozen=True, slots=True)
class AlertSheet:
    """One alert as its page shows it; `why`: why the reader was told, empty where they were not."""

    claim: Claimed
    now: Chip
    subject: SubjectRow | None
    about: str
    unit: str
    taken: str
    assigned: str
    due_at: datetime | None
    is_done: bool
    why: str
    story: AlertStory


def sheet_of(moment: Moment, claim: Claimed, subject: SubjectRow | None, reader: Reader) -> AlertSheet:
    """Everything about one alert."""
    session = moment.session
    now = standpoints(moment, [subject.dossier_id]).get(subject.dossier_id) if subject else None
    is_so = alert_lists.is_standing(session, claim.alert_id, moment.policy.basis, moment.day)
    names = names_of(session, [claim.subject_id] if claim.subject_kind == "source" else ())
    past = _past(session, claim)
    whose = (claim.alert_id, reader.account_id)
    mine = next((each for each in past.told if (each.alert_id, each.account_id) == whose), None)
    unit_id = subject.unit_id if subject else claim.unit_id
    return AlertSheet(
        claim=claim,
        now=chip_of(claim, now, moment.day, is_so=is_so),
        subject=subject,
        about=subject_words(claim.subject_kind, claim.subject_id, claim.detail, names),
        unit=names.units.get(unit_id or 0, ""),
        taken=taken_words(now, names),
        assigned=names.people.get(now.assigned or 0, "") if now is not None else "",
        due_at=now.facts.due_at if now is not None else claim.due_at,
        is_done=now is not None and now.verdict.state in alert_words.ENDED,
        why="" if mine is None else _why(mine, claim),
        story=story_beside(past),
    )  # fmt: skip


class _Past(NamedTuple):
    """All claims of a subject that is no dossier, and who is told of them; nobody takes such a thing on."""

    claims: Sequence[Claimed]
    told: Sequence[ToldRow]
    acks: Sequence[AckLine] = ()
    assignments: Sequence[AssignmentLine] = ()


def _past(session: Session, claim: Claimed) -> DossierSheet | _Past:
    if claim.subject_kind == DOSSIER:
        return dossier_sheet.sheet_of(session, claim.subject_id)
    claims = alert_lists.ladder_of(session, claim.subject_kind, claim.subject_id)
    return _Past(claims, alert_lists.told_of(session, [each.alert_id for each in claims]))


def story_beside(past: DossierSheet | _Past) -> AlertStory:
    """What was claimed of a subject, in order of time, and what people did; of a dossier from what stands beside it."""
    return AlertStory(_rungs(past.claims, past.told), tuple(past.acks), tuple(past.assignments))


def _rungs(claims: Sequence[Claimed], told: Sequence[ToldRow]) -> tuple[RungLine, ...]:
    """The claims in order of time, each with those who are told of it."""
    told_of: dict[int, list[ToldRow]] = {}
    for row in told:
        told_of.setdefault(row.alert_id, []).append(row)
    return tuple(_rung(claim, told_of.get(claim.alert_id, ())) for claim in reversed(claims))


def _rung(claim: Claimed, told: Sequence[ToldRow]) -> RungLine:
    measure = Measure(claim.measure)
    return RungLine(
        claim=claim,
        rung=rung_words(measure, claim.threshold),
        measured=alert_words.measured_then(measure, claim.measured),
        fate=alert_words.FATES[Fate(claim.fate)],
        told=tuple(
            ToldLine(each.full_name, alert_words.who_words(each.why, each.instead_of), tuple(_ways(each)))
            for each in told
        ),
    )


def _why(told: ToldRow, claim: Claimed) -> str:
    rule = alert_words.rule_words(Measure(claim.measure), claim.threshold, claim.rule_id)
    return alert_words.why_words(told.why, told.instead_of, rule)


def _ways(told: ToldRow) -> Iterable[WayLine]:
    """In the program always; by mail where the person wants it."""
    if told.dropped:
        yield WayLine("", Chip("dash", "Không gửi: đã không còn như vậy", "plain"), None)
        return
    ways = [(ChannelName.IN_APP, told.in_app_state, told.in_app_at)]
    ways += [(ChannelName.EMAIL, told.mail_state, told.mail_at)] if told.by_mail or told.mail_state else []
    for channel, state, at in ways:
        chip = (
            outbox_words.STATES[MessageState(state)]
            if state
            else Chip("small-circle", "Chờ bản tin", "plain")
        )
        yield WayLine(outbox_words.CHANNELS[channel], chip, at)


# ---------------------------------------------------------------- tabs


@dataclass(frozen=True, slots=True)
class Tab:
    """One state with how many alerts stand there; one more than `COUNT_CAP` means "more than that"."""

    stand: Stand
    word: str
    count: int


def tabs_of(session: Session, filters: AlertFilters, reader: Reader, moment: Moment) -> list[Tab]:
    """The states of the own alerts, each counted under the same filters."""
    tabs = []
    for stand, word in STANDS.items():
        chosen = chosen_of(AlertFilters(stand, filters.measure, filters.unit_id), reader, moment)
        tabs.append(Tab(stand, word, alert_lists.alert_count(session, chosen, cap=COUNT_CAP + 1)))
    return tabs


def day_of(now: datetime) -> date:
    """The office's date."""
    return now.astimezone(VN).date()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
