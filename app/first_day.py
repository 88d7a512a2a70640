"""The office's first day as it stands: gathers the facts that `measures/first_day.py` judges, in figures and marks.

One definition for the page, for `dunghen doctor --first-day` and for the landing of administrators. Changes nothing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from app.access import ADMINS, Role
from app.calendar_page import week_text
from app.calendar_warnings import calendar_warnings
from app.context import AppContext
from app.first_day_standing import start_of
from app.works.backing_up import key_fault, newest_backup
from tracker.measures.first_day import Facts, FirstDay, Gap, Loads, People, Said, Years, first_day
from tracker.pipeline.answers import LateQuestion, overdue
from tracker.store import account_lists, board, catalogue, catalogue_gaps, first_day_store, health
from tracker.store import rejections as rejection_store
from tracker.store.account_lists import AccountFilter, AccountState, ListedAccount
from tracker.store.catalogue_gaps import ProcedureGap, UnitGap
from tracker.store.first_day_store import CALENDAR, MAIL, READY, START, UNITS
from tracker.store.session import Session
from tracker.timekeeping.calendar_years import holds_year
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types.editions import EditionEntryRow

MARK_LENGTH = 16
FIRST_NAMES = 3


def look(context: AppContext, now: datetime) -> FirstDay:
    """The ten steps at this moment."""
    return first_day(gather(context, now), now)


def gather(context: AppContext, now: datetime) -> Facts:
    """All facts of this moment."""
    config, table = context.config, context.calendar
    with context.store.read() as session:
        said = first_day_store.words(session)
        accounts = account_lists.listed(session, AccountFilter(), now)
        units = catalogue.units(session)
        loads = _loads(context, session)
        has_data = board.has_data(session)
        gaps = catalogue_gaps.coverage(session)
        heard = health.last_heard(session)
    office = said[UNITS].new.body.get("name", "") if UNITS in said else ""
    start, is_configured = start_of(context, said.get(START))
    return Facts(
        people=people_of(accounts),
        units=sum(not unit.code.startswith(catalogue_gaps.MADE_UP) for unit in units.values()),
        office=office, units_said=said_by(said.get(UNITS)),
        years=years_of(table, now.date()), calendar_said=said_by(said.get(CALENDAR)),
        loads=loads, dossiers=gaps.dossiers,
        without_limit=_gap(gaps.procedures), strange_units=_gap(gaps.units),
        start=start, is_start_configured=is_configured, start_said=said_by(said.get(START)),
        mail_host=config.mail.host, mail_mark=mail_mark(context), mail_said=said_by(said.get(MAIL)),
        backup=newest_backup(config.backup.folder), backup_folder=str(config.backup.folder),
        backup_fault=key_fault(context), is_backup_encrypted=config.backup.key_file is not None,
        is_backup_beside=_same_disk(context.data_dir, config.backup.folder),
        scheduler=heard.get("scheduler"), worker=heard.get("worker"),
        late=_late(context, now) if has_data else None, ready=said_by(said.get(READY)),
    )  # fmt: skip


def said_by(row: EditionEntryRow | None) -> Said | None:
    """A word that stands, as the rules look at it."""
    return None if row is None else Said(row.new.asked_by, row.entered_at, str(row.new.body.get("mark", "")))


def people_of(accounts: Sequence[ListedAccount]) -> People:
    """Who can work here."""
    usable = [each for each in accounts if each.state is not AccountState.CLOSED]
    real = [each for each in usable if not each.is_demo]
    admins = [each for each in real if Role(each.role) in ADMINS]
    at_units = {each.unit_id for each in real if each.unit_id is not None}
    return People(
        len(admins), sum(not each.has_second_factor for each in admins), len(usable) - len(real),
        Counter(each.role for each in real), len(at_units),
    )  # fmt: skip


def years_of(table: WorkingCalendar, today: date) -> Years:
    """This year and the next in the office's own calendar."""
    years = {today.year, today.year + 1}
    definition = table.definition
    return Years(
        hours="; ".join(week_text(table)),
        missing=tuple(sorted(year for year in years if not holds_year(table, year))),
        days_off=sum(entry.day.year in years for entry in definition.off),
        make_up=sum(entry.day.year in years for entry in definition.make_up),
        warnings=tuple(
            each for each in calendar_warnings(table, today) if any(str(year) in each for year in years)
        ),
        mark=calendar_mark(table, today),
    )


def calendar_mark(table: WorkingCalendar, today: date) -> str:
    """What somebody compares with the notices: hours of the week, and the special days of this year and the next."""
    years = {today.year, today.year + 1}
    days = sorted(repr(entry) for entry in table.definition.days if entry.day.year in years)
    return _digest([table.key, *week_text(table), *days])


def mail_mark(context: AppContext) -> str:
    """By which server and account mail leaves; another one has to be tried anew."""
    mail = context.config.mail
    return _digest([mail.host, str(mail.port), mail.security, mail.user, mail.sender]) if mail.host else ""


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts), ensure_ascii=False).encode()).hexdigest()[:MARK_LENGTH]


def _loads(context: AppContext, session: Session) -> Loads:
    batches, told = first_day_store.load_counts(session)
    counts = [_counted(text) for _, text in told]
    read, rejected = (sum(each.get(name, 0) for each in counts) for name in ("read", "rejected"))
    accepted = sum(each.get(name, 0) for each in counts for name in ("new", "changed", "unchanged", "stale"))
    watched = len(context.config.ingest.watch) + len(context.config.pull.connectors)
    return Loads(
        batches, read, accepted, rejected, sum(rejection_store.open_by_source(session).values()),
        read == accepted + rejected, watched, told[0][0] if told else None,
    )  # fmt: skip


def _counted(text: str) -> Mapping[str, int]:
    return {key: value for key, value in json.loads(text or "{}").items() if isinstance(value, int)}


def _gap(found: Sequence[ProcedureGap] | Sequence[UnitGap]) -> Gap:
    names = [each.name for each in found[:FIRST_NAMES] if each.dossiers]
    return Gap(len(found), sum(each.dossiers for each in found), tuple(names))


def _same_disk(data: Path, backups: Path) -> bool:
    """Do both lie on one disk? A folder that is not there yet lies where its nearest parent does."""
    places = [
        next((each for each in (path, *path.parents) if each.exists()), None) for path in (data, backups)
    ]
    return None not in places and len({each.stat().st_dev for each in places if each}) == 1


def _late(context: AppContext, now: datetime) -> int:
    answer = overdue(context.store, context.calendars, LateQuestion(now), limit=1)
    return answer.count or 0
