"""What waits for one person -> a digest: counts, the worst rows as they stand at this moment, what stands in the own units."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from notifications.alerts.causes import Moment
from notifications.alerts.digest import TONES, Digest, DigestGroup, DigestRow, Flood
from notifications.alerts.directory import HEAD, REFORM
from notifications.alerts.judging import Judge
from notifications.alerts.rungs import Measure, Who
from notifications.alerts.standing_letters import letters_standing
from notifications.alerts.words import WHO_WORDS, measured_words
from tracker.errors import CalendarError
from tracker.store import alert_pending, alert_store, alert_subjects, catalogue
from tracker.store.alert_candidates import rows_of
from tracker.store.alert_pending import Group, PendingRow, Way
from tracker.store.alert_store import DOSSIER
from tracker.store.people import Account

LETTER = "letter"
WHOLE_PROVINCE = "toàn tỉnh"
# What is no dossier's: one sentence each.
OFFICE = frozenset({Measure.BUDGET, Measure.SOURCE_SILENT, Measure.CALENDAR, Measure.NOBODY, Measure.FLOOD})
TOTALS: Mapping[str, str] = {
    "overdue": "hồ sơ đang quá hạn",
    "due_today": "hồ sơ đến hạn hôm nay",
    "due_soon": "hồ sơ sắp đến hạn",
    "suspended": "hồ sơ đang tạm dừng",
    "not_accepted": "hồ sơ quá hạn tiếp nhận",
    "open": "hồ sơ đang mở, tất cả",
}
DAY = timedelta(days=1)
NAMED_UNITS = 3
UNHEARD = (
    "{total} cảnh báo không có người nhận: {where}. "
    "Hãy mở tài khoản cho đơn vị, hoặc đặt người nhận trong quy tắc cảnh báo."
)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a digest is, by which way, and whether of urgent alerts only."""

    account: Account
    way: Way
    only_urgent: bool = False

    @property
    def place(self) -> str:
        """The unit that the account is of."""
        return self.account.unit_name or WHOLE_PROVINCE


class Gatherer:
    """Makes digests that are true of one moment."""

    def __init__(self, moment: Moment) -> None:
        self._moment, self._session = moment, moment.session
        self._judge = Judge(moment)

    def digest(self, reader: Reader, *, rows: int, is_overflow: bool = False) -> Digest | None:
        """What waits for the reader; None where nothing does."""
        account_id, way, urgent = reader.account.account_id, reader.way, reader.only_urgent
        groups = alert_pending.groups(self._session, account_id, way, self._moment.day, only_urgent=urgent)
        if not groups:
            return None
        units = self._units(reader)
        shown = tuple(_group(each) for each in groups if Measure(each.measure) not in OFFICE)
        listed = [] if is_overflow else self._rows(reader, rows)
        is_morning = not urgent
        return Digest(
            day=self._moment.day,
            place=reader.place,
            groups=shown,
            rows=tuple(listed),
            more=0 if is_overflow else sum(group.count for group in shown) - len(listed),
            others=tuple(self._others(reader)) if is_morning else (),
            floods=tuple(self._floods(reader, units)) if is_morning else (),
            totals=self._totals(units) if is_morning else (),
            letters=self._letters(reader, units) if is_morning else (),
            why=self._why(reader),
            since=None if urgent else self._missed_since(reader),
            is_urgent=urgent,
            is_overflow=is_overflow,
        )

    def _units(self, reader: Reader) -> frozenset[int] | None:
        unit = reader.account.unit_id
        return None if unit is None else catalogue.unit_subtree(self._session, unit)

    # ------------------------------------------------------------ rows

    def _rows(self, reader: Reader, limit: int) -> list[DigestRow]:
        found = alert_pending.worst(
            self._session, reader.account.account_id, reader.way, self._moment.day,
            limit=limit, only_urgent=reader.only_urgent, leaving_out=[each.value for each in OFFICE],
        )  # fmt: skip
        now = self._measured_now(found)
        dossiers = alert_subjects.dossiers(self._session, _ids(found, DOSSIER))
        letters = alert_subjects.letters(self._session, _ids(found, LETTER))
        units = alert_subjects.units(self._session, {each.unit_id for each in found if each.unit_id})
        rows = []
        for each in found:
            is_dossier = each.subject_kind == DOSSIER
            named = (dossiers if is_dossier else letters).get(each.subject_id)
            if named is not None:
                path = f"/ho-so/{named.code}" if is_dossier else f"/thu-xin-loi/{each.subject_id}"
                measure = Measure(each.measure)
                rows.append(
                    DigestRow(
                        named.code, measured_words(measure, now.get(each.alert_id, each.measured)), named.procedure,
                        units.get(each.unit_id or 0, ""), each.due_at, path, TONES.get(measure, "plain"), each.reason,
                    )
                )  # fmt: skip
        return rows

    def _measured_now(self, found: list[PendingRow]) -> dict[int, int]:
        """What is measured of the dossiers at this moment: a claim of days ago says something else."""
        ids = _ids(found, DOSSIER)
        rows = rows_of(self._session, ids, self._moment.as_of, self._moment.policy.basis)
        acks = alert_store.acks_of(self._session, ids)
        measured = {}
        for each in found:
            row = rows.get(each.subject_id) if each.subject_kind == DOSSIER else None
            if row is not None:
                ack = acks.get(each.subject_id)
                facts, verdict = self._judge.verdict(row)
                standing = self._judge.standing(row, facts, verdict, ack.promised_on if ack else None)
                value = standing.get(Measure(each.measure))
                if value is not None:
                    measured[each.alert_id] = value
        return measured

    # ------------------------------------------------------------ what is no dossier's

    def _others(self, reader: Reader) -> Iterator[str]:
        measures = [each.value for each in OFFICE if each is not Measure.FLOOD]
        found = alert_pending.of_measures(self._session, reader.account.account_id, reader.way, measures)
        sources = alert_subjects.sources(self._session, _ids(found, "source"))
        for each in found:
            told = measured_words(Measure(each.measure), each.measured)
            if each.subject_kind == "source":
                yield f"Nguồn {sources.get(each.subject_id, '?')}: {told}."
            elif each.measure == Measure.CALENDAR:
                yield f"Năm {each.subject_id}: {told}; hạn trả rơi vào năm này không tính được."
            elif each.measure != Measure.NOBODY:
                yield f"Năm {each.subject_id}: {told}{f' ({each.detail})' if each.detail else ''}."
        unheard = [each for each in found if each.measure == Measure.NOBODY]
        if unheard:
            yield self._unheard(unheard)

    def _unheard(self, found: list[PendingRow]) -> str:
        """Units of which nobody could be told: as one sentence, however many they are."""
        total = sum(each.measured for each in found)
        if len(found) == 1 and not found[0].subject_id:
            return UNHEARD.format(total=total, where="hồ sơ chưa rõ đơn vị")
        first = [each.subject_id for each in found[:NAMED_UNITS] if each.subject_id]
        names = ", ".join(alert_subjects.units(self._session, first).values())
        more = len(found) - len(first)
        return UNHEARD.format(total=total, where=f"{names}{f' và {more} đơn vị khác' if more else ''}")

    def _floods(self, reader: Reader, units: frozenset[int] | None) -> Iterator[Flood]:
        account_id = reader.account.account_id
        for each in alert_pending.of_measures(self._session, account_id, reader.way, [Measure.FLOOD.value]):
            groups = alert_pending.passed_by_measure(self._session, each.subject_id, units)
            if groups:
                yield Flood(sum(group.alerts for group in groups), tuple(_group(group) for group in groups))

    def _totals(self, units: frozenset[int] | None) -> tuple[tuple[str, int], ...]:
        counts = alert_store.unit_day(self._session, self._moment.day, units)
        return tuple((words, counts[name]) for name, words in TOTALS.items()) if counts else ()

    def _letters(self, reader: Reader, units: frozenset[int] | None) -> tuple[tuple[str, int], ...]:
        """What waits of letters, for those who answer for them."""
        moment = self._moment
        if reader.account.role not in (HEAD, REFORM):
            return ()
        key = "letters", reader.account.unit_id
        if key not in moment.told:
            calendar = moment.calendars.present.of(reader.account.unit_id, moment.day)
            moment.told[key] = letters_standing(
                self._session, units, calendar=calendar, day=moment.day, stuck_days=moment.policy.stuck_days
            )
        return cast(tuple[tuple[str, int], ...], moment.told[key])

    def _why(self, reader: Reader) -> str:
        account_id, way = reader.account.account_id, reader.way
        told = alert_pending.reasons_told(self._session, account_id, way, only_urgent=reader.only_urgent)
        words = dict.fromkeys(
            f"{WHO_WORDS[Who(why)]}{' (làm thay người nghỉ)' if instead else ''}" for why, instead in told
        )
        return ", ".join(words)

    def _missed_since(self, reader: Reader) -> date | None:
        """Since when alerts could not be told: the day of the oldest claim that waits, or of the last look before an outage,
        where a working morning has passed since it.
        """
        day = self._moment.day
        first = alert_pending.first_day(self._session, reader.account.account_id, reader.way)
        looked = alert_store.last_day_before(self._session, day)
        calendar = self._moment.calendars.present.of(reader.account.unit_id, day)
        try:
            before = calendar.previous_workday(day - DAY)
        except CalendarError:
            return None
        return min((each for each in (first, looked) if each is not None and each < before), default=None)


def _group(found: Group) -> DigestGroup:
    return DigestGroup(Measure(found.measure), found.threshold, found.alerts)


def _ids(found: list[PendingRow], kind: str) -> list[int]:
    return [each.subject_id for each in found if each.subject_kind == kind]
