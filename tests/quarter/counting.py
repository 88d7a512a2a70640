"""The count at the end of a quarter: what the mail server really took against what was claimed; lost, doubled, at night, wrong."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from notifications.alerts.rungs import Measure
from notifications.alerts.words import rung_words
from notifications.channels.mail import message_id
from tests.quarter import people
from tests.quarter.living import SENDER, Living
from tests.quarter.post import Taken
from tracker.store.calendars import load_history
from tracker.store.models import Alert, AlertTold, Dossier, OutboxMessage

DIGEST, URGENT = "alert_digest", "alert_urgent"
OFFICE = frozenset({"budget", "source_silent", "calendar", "nobody", "flood"})
BEFORE_DUE = ("share_used", "days_left")
RANK_OF_LATE = 40_000
PERSONAL = ("applicant_name", "phone", "address")
ROWS = 10
COUNT = re.compile(r"([\d.]+) - (.+)")
ROW = re.compile(r"\d+\. (\S+): .*")
MORE = re.compile(r"Và ([\d.]+) cảnh báo nữa.*")
PASSED_ON = "Lần nạp dữ liệu vừa qua"
DAY = timedelta(days=1)

Pair = tuple[int, int]


class Claimed(NamedTuple):
    """A claim as it stands in the end."""

    subject_kind: str
    subject_id: int
    measure: str
    threshold: int
    rank: int
    day: date
    version: int
    due_at: datetime | None

    @property
    def subject(self) -> tuple[str, int, int]:
        """Of what it is."""
        return self.subject_kind, self.subject_id, self.version

    @property
    def is_of_dossier(self) -> bool:
        """Is it about a dossier itself?"""
        return self.subject_kind == "dossier"


@dataclass
class Outcome:
    """What a quarter came to. The lists name what is not as it has to be."""

    claims: Counter[str]
    measures: Counter[str]
    looks: int
    kills: int
    told: int = 0
    in_app_only: int = 0
    mails: int = 0
    taken: int = 0
    digests: int = 0
    urgent: int = 0
    unsure: int = 0
    refused: int = 0
    dropped: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    at_night: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What is not as it has to be, by kind."""
        named = {name: getattr(self, name) for name in ("wrong", "lost", "doubled", "at_night", "untold")}
        return {name: found for name, found in named.items() if found}


class Count:
    """Counts one province that has lived."""

    def __init__(self, living: Living) -> None:
        self.living, self.watch, self.post = living, living.watch, living.post
        with living.context.store.read() as session:  # everything is gathered before anything is counted
            a, t, m = Alert, AlertTold, OutboxMessage
            self.history = load_history(session, people.OFFICE_CALENDAR)
            self.alerts = {
                row[0]: Claimed(*row[1:])
                for row in session.execute(
                    select(
                        a.id,
                        a.subject_kind,
                        a.subject_id,
                        a.measure,
                        a.threshold,
                        a.rank,
                        a.day,
                        a.version,
                        a.due_at,
                    )
                )
            }
            self.told: dict[Pair, Any] = {
                (row.alert_id, row.account_id): row
                for row in session.execute(
                    select(
                        t.alert_id, t.account_id, t.by_mail, t.mail_id, t.in_app_id, t.dropped, t.is_urgent
                    )
                )
            }
            self.messages = {
                row.id: row
                for row in session.execute(
                    select(
                        m.id,
                        m.kind,
                        m.key,
                        m.channel,
                        m.recipient,
                        m.state,
                        m.fault_code,
                        m.cause,
                        m.created_at,
                    )
                )
            }
            named = session.execute(select(Dossier.id, Dossier.code))
            self.codes = {dossier_id: code for dossier_id, code in named}
            self.units = people.unit_ids(session)
        self.by_number = {message_id(row.key, SENDER): row for row in self.messages.values()}
        self.out = Outcome(self.watch.fates, self.watch.measures, len(self.watch.looks), living.kills)

    def outcome(self) -> Outcome:
        """All of it."""
        self.out.wrong += self.watch.wrong
        self.out.told = len(self.told)
        self.out.dropped = sum(bool(row.dropped) for row in self.told.values())
        self._looks()
        self._mails()
        self._pairs()
        self._days()
        return self.out

    # ------------------------------------------------------------ looks

    def _looks(self) -> None:
        """Every day on which anything ran was looked at as of its morning."""
        mornings = {
            day
            for day, as_of in self.watch.looks
            if (as_of.hour, as_of.minute) == (7, 0) and as_of.date() == day
        }
        day = self.living.scenario.first
        while day <= self.living.scenario.last:
            if not self.living.is_out(day) and day not in mornings:
                self.out.wrong.append(f"nobody looked on {day}")
            day += DAY

    # ------------------------------------------------------------ mails

    def _mails(self) -> None:
        """Each mail once, in office hours, with pairs that no other mail had, and counts that are right."""
        self.out.mails = sum(
            row.channel == "email" and row.kind in (DIGEST, URGENT) for row in self.messages.values()
        )
        carried: Counter[Pair] = Counter()
        for number, times in Counter(taken.number for taken in self.post.taken).items():
            self.out.doubled += [f"mail {self.by_number[number].key}"] if times > 1 else []
        for taken in self.post.taken:
            row = self.by_number[taken.number]
            self.out.taken += 1
            self.out.digests += row.kind == DIGEST
            self.out.urgent += row.kind == URGENT
            carried.update(self.watch.carried.get(row.id, ()))
            self.out.at_night += [] if self._in_hours(taken) else [f"{row.key} at {taken.at:%d/%m %H:%M}"]
            self.out.wrong += [f"{row.key}: {fault}" for fault in self._content_faults(row, taken)]
        self.out.doubled += [f"pair {pair}" for pair, times in carried.items() if times > 1]
        self.reached = set(carried)

    def _in_hours(self, taken: Taken) -> bool:
        _, unit = self.watch.people[taken.to]
        day = taken.at.date()
        calendar = self.history.at(taken.at).of(None if unit is None else self.units[unit], day)
        sessions = calendar.sessions(day)
        minute = taken.at.hour * 60 + taken.at.minute
        return bool(sessions) and sessions[0][0] <= minute <= sessions[-1][1]

    def _content_faults(self, row: Any, taken: Taken) -> Iterator[str]:
        """Counts, and rows the worst first, recounted from the pairs that the message carried."""
        pairs = self.watch.carried.get(row.id, set())
        if row.cause.startswith("overflow"):
            return
        of_day = date.fromisoformat(row.key.split(":")[1])
        claims = [claim for alert, _ in pairs if (claim := self.alerts[alert]).measure not in OFFICE]
        said = [as_of_day(claim, of_day) for claim in claims]
        groups = Counter((claim.measure, claim.threshold) for claim in said)
        wanted = Counter({rung_words(Measure(m), t): number for (m, t), number in groups.items()})
        lines = taken.text.splitlines()
        until = next(
            (n for n, line in enumerate(lines) if line.startswith((PASSED_ON, "NẶNG NHẤT"))), len(lines)
        )
        told = Counter(
            {found[2]: number(found[1]) for line in lines[:until] if (found := COUNT.fullmatch(line))}
        )
        if told != wanted:
            yield f"counts {told}, not {wanted}"
        yield from self._row_faults(lines, said)
        whole = taken.whole
        for claim in claims:
            row_told = self.watch.known[self.watch.keys[claim.subject_id]].row if claim.is_of_dossier else {}
            if any(row_told.get(name) and row_told[name] in whole for name in PERSONAL):
                yield f"personal data of {self.codes[claim.subject_id]}"
        worst = sorted(said, key=lambda claim: -claim.rank)[:1]
        for claim in worst:
            count = groups[claim.measure, claim.threshold]
            if f"{count:,}".replace(",", ".") + " " not in taken.subject:
                yield f"subject {taken.subject}, not {count}"

    def _row_faults(self, lines: Sequence[str], claims: Sequence[Claimed]) -> Iterator[str]:
        shown = [found[1] for line in lines if (found := ROW.fullmatch(line))]
        of_dossiers = [claim for claim in claims if claim.is_of_dossier]
        if len(of_dossiers) != len(claims):
            return  # letters have codes of their own
        if len(shown) != min(ROWS, len(claims)):
            yield f"{len(shown)} rows of {len(claims)}"
        more = [number(found[1]) for line in lines if (found := MORE.fullmatch(line))]
        if sum(more) != len(claims) - len(shown):
            yield f"{more} more, of {len(claims)}"
        ranks: dict[str, list[int]] = {}
        for claim in claims:
            ranks.setdefault(self.codes[claim.subject_id], []).append(claim.rank)
        worst = sorted((claim.rank for claim in claims), reverse=True)[: len(shown)]
        if any(rank not in ranks.get(code, ()) for code, rank in zip(shown, worst, strict=True)):
            yield f"rows {shown} are not the worst"

    # ------------------------------------------------------------ pairs

    def _pairs(self) -> None:
        """Each pair that was to be mailed and stood was taken, or its message is in doubt, or refused for good."""
        for pair, row in self.told.items():
            if row.dropped:
                is_fine = row.dropped == "untrue" or self._is_told_worse(pair)
                self.out.untold += [] if is_fine else [f"{pair} {row.dropped} {self.alerts[pair[0]]}"]
                continue
            if not row.by_mail:
                self.out.in_app_only += 1
                self.out.untold += (
                    [] if row.in_app_id or self._is_of_last_day(pair) else [f"{pair} not in the program"]
                )
                continue
            message = self.messages.get(row.mail_id)
            state = message.state if message else "none"
            if state == "unsure":
                self.out.unsure += 1
            elif state == "dead" and message.fault_code.startswith("SMTP_5"):
                self.out.refused += 1
            elif state == "sent":
                self.out.lost += [] if pair in self.reached else [f"pair {pair} of {message.key}"]
            elif not self._is_of_last_day(pair):
                self.out.lost.append(f"pair {pair} {state} {self.alerts[pair[0]]}")

    def _is_told_worse(self, pair: Pair) -> bool:
        """Is the same person told of a worse rung of the same due date?"""
        mine = self.alerts[pair[0]]
        return any(
            account == pair[1] and each.rank > mine.rank and each.subject == mine.subject
            for alert, account in self.told
            if (each := self.alerts[alert])
        )

    def _is_of_last_day(self, pair: Pair) -> bool:
        """Claimed in the last day's rounds: it waits for the digest of the next morning."""
        return self.alerts[pair[0]].day == self.living.scenario.last

    # ------------------------------------------------------------ days

    def _days(self) -> None:
        """One digest a person and day, urgent ones within the cap, none of a day on which nothing ran."""
        digests = Counter[tuple[str, date]]()
        urgent = Counter[tuple[str, date]]()
        for taken in self.post.taken:
            row = self.by_number[taken.number]
            (digests if row.kind == DIGEST else urgent)[taken.to, taken.at.date()] += 1
            of_day = date.fromisoformat(row.key.split(":")[1])
            if of_day != taken.at.date():
                self.out.wrong.append(f"{row.key} taken on {taken.at:%d/%m}")
        cap = self.living.context.config.alerts.urgent_cap + 1
        self.out.wrong += [f"{count} digests for {who}" for who, count in digests.items() if count > 1]
        self.out.wrong += [f"{count} urgent ones for {who}" for who, count in urgent.items() if count > cap]


def as_of_day(claim: Claimed, day: date) -> Claimed:
    """What was to be due and could not be told before it was overdue counts as overdue."""
    is_late = claim.measure in BEFORE_DUE and claim.due_at is not None and claim.due_at.date() < day
    return claim._replace(measure="days_late", threshold=0, rank=RANK_OF_LATE) if is_late else claim


def number(text: str) -> int:
    """As a mail writes it."""
    return int(text.replace(".", ""))


def told(outcome: Outcome) -> Mapping[str, int]:
    """The figures by their words."""
    return {
        "looks at everything": outcome.looks,
        **{f"rungs {fate}": outcome.claims[fate] for fate in sorted(outcome.claims)},
        "people told of alerts (pairs)": outcome.told,
        "of these in the program alone": outcome.in_app_only,
        "dropped, no longer so before they were sent": outcome.dropped,
        "mails put": outcome.mails,
        "mails taken": outcome.taken,
        "of these digests": outcome.digests,
        "of these urgent": outcome.urgent,
        "pairs in a mail of which nobody knows": outcome.unsure,
        "pairs in a mail refused for good": outcome.refused,
        "processes killed": outcome.kills,
        "claims or contents that are wrong": len(outcome.wrong),
        "lost": len(outcome.lost),
        "doubled": len(outcome.doubled),
        "at night or on a day off": len(outcome.at_night),
        "never told at all": len(outcome.untold),
    }
