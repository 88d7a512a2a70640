"""A small invented office for the tests of alerts: units with people who have addresses, dossiers written straight in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from notifications.alerts.causes import AlertPolicy, Finder
from notifications.alerts.composing import Composer, ComposeReport, Sending
from notifications.alerts.evaluating import EvaluationReport, evaluate
from tests.letter_world import BRANCH, DEPARTMENT, DESK, add_catalogue, dossier
from tracker.store import catalogue, outbox_queries, people
from tracker.store.models import Absence, Alert, AlertAck, AlertTold, Batch, Dossier, OutboxMessage
from tracker.store.outbox import OutboxRow
from tracker.store.people import NewAccount
from tracker.store.session import Store
from tracker.types import VN

MONDAY = date(2026, 8, 24)
SATURDAY, MAKE_UP = date(2026, 8, 29), date(2026, 8, 22)  # the second is a working Saturday
BRANCH_HEAD, DEPARTMENT_HEAD, CLERK, REFORM, ADMIN = 1, 2, 3, 4, 5
LOGINS = {
    BRANCH_HEAD: ("head", BRANCH),
    DEPARTMENT_HEAD: ("head", DEPARTMENT),
    CLERK: ("desk", BRANCH),
    REFORM: ("reform", None),
    ADMIN: ("admin", None),
}


def at(day: date, hour: int = 6, minute: int = 50) -> datetime:
    """A moment of a day."""
    return datetime.combine(day, time(hour, minute), VN)


def due(day: date) -> datetime:
    """The end of the office hours of a day."""
    return at(day, 17, 0)


@dataclass
class AlertOffice:
    """An office with alerts: looks, digests and urgent rounds at chosen moments."""

    store: Store
    policy: AlertPolicy = field(default_factory=lambda: AlertPolicy("B", has_mail=True))
    sending: Sending = field(default_factory=Sending)

    @classmethod
    def opened(cls, store: Store, *, seen: bool = True) -> "AlertOffice":
        """With units, people and a source; `seen`: a first look was taken before anything was loaded."""
        add_catalogue(store)
        office = cls(store)
        with store.transaction() as session:
            for number, (role, unit) in LOGINS.items():
                new = NewAccount(
                    f"nguoi-{number}",
                    f"Người Thứ {number}",
                    role,
                    unit,
                    "hash",
                    "salt",
                    email=f"nguoi-{number}@vi-du.vn",
                )
                assert people.add_account(session, new, at(date(2026, 8, 1))) == number
            source = catalogue.source_id(session, "main")
            session.add(
                Batch(id=1, source_id=source, ingested_at=at(date(2026, 8, 3)), files="[]", counts="{}")
            )
        if seen:
            office.look(date(2026, 8, 3))
        return office

    def add(self, number: int, day: date, **more: Any) -> None:
        """A dossier of the branch, received a month before its due date."""
        moment = due(day)
        usual = {
            "received_at": at(day - timedelta(days=30), 8, 0), "source_due_at": moment, "promised_at": moment,
            "documented_due_at": moment, "resolving_unit_id": BRANCH, "receiving_unit_id": DESK, "code": f"T.26-{number:06}",
        }  # fmt: skip
        with self.store.transaction() as session:
            session.execute(insert(Dossier), [dossier(number, **{**usual, **more})])

    def change(self, number: int, **values: Any) -> None:
        """Something of a dossier becomes another."""
        with self.store.transaction() as session:
            session.execute(update(Dossier).where(Dossier.id == number).values(**values))

    def finish(self, number: int, moment: datetime) -> None:
        """A dossier is done."""
        self.change(number, ended_at=moment, finished_at=moment, end_kind="finished", status="done")

    def take_on(self, number: int, until: date | None, moment: datetime, account: int = CLERK) -> None:
        """Somebody takes a dossier on."""
        with self.store.transaction() as session:
            count = len(session.scalars(select(AlertAck.id)).all())
            session.add(
                AlertAck(
                    id=count + 1, dossier_id=number, promised_on=until, by_account=account, at=moment, note=""
                )
            )

    def leave(self, account: int, first: date, last: date, delegate: int | None) -> None:
        """Somebody is away."""
        with self.store.transaction() as session:
            session.add(
                Absence(
                    id=account, account_id=account, first_day=first, last_day=last, delegate_id=delegate,
                    entered_by="nguoi-5", entered_at=at(first), ended_at=None,
                )
            )  # fmt: skip

    # ------------------------------------------------------------ what the jobs do

    def look(
        self, day: date, moment: datetime | None = None, finders: Sequence[Finder] = (), **more: Any
    ) -> EvaluationReport:
        """A look at all that is open, in the morning unless told otherwise."""
        as_of = moment or at(day, 7, 0)
        return evaluate(self.store, self.policy, day=day, as_of=as_of, now=as_of, finders=finders, **more)

    def composer(self, day: date, moment: datetime | None = None, **sending: Any) -> Composer:
        """What makes messages at a moment."""
        now = moment or at(day)
        return Composer(
            self.store,
            self.policy,
            replace(self.sending, **sending),
            day=day,
            as_of=max(now, at(day, 7, 0)),
            now=now,
        )

    def morning(self, day: date) -> ComposeReport:
        """A look and the digests."""
        self.look(day)
        return self.composer(day).digests()

    # ------------------------------------------------------------ what came of it

    def mails(self, account: int, state: str | None = None) -> list[OutboxRow]:
        """The messages put for somebody's address, in order."""
        return [
            row
            for row in self.messages()
            if row.recipient == f"nguoi-{account}@vi-du.vn" and state in (None, row.state)
        ]

    def messages(self) -> list[OutboxRow]:
        """All messages, in order."""
        with self.store.read() as session:
            ids = session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id)).all()
            found = [outbox_queries.find_message(session, number) for number in ids]
        return [row for row in found if row is not None]

    def claims(self, number: int) -> list[tuple[str, int, int, str]]:
        """Of one dossier, in order: measure, threshold, version, fate."""
        with self.store.read() as session:
            query = select(Alert.measure, Alert.threshold, Alert.version, Alert.fate)
            found = session.execute(
                query.where(Alert.subject_kind == "dossier", Alert.subject_id == number).order_by(Alert.id)
            )
            return [(measure, threshold, version, fate) for measure, threshold, version, fate in found]

    def told(self, number: int) -> set[int]:
        """Who is told of one dossier."""
        with self.store.read() as session:
            query = select(AlertTold.account_id).join(Alert, Alert.id == AlertTold.alert_id)
            return set(
                session.scalars(query.where(Alert.subject_kind == "dossier", Alert.subject_id == number))
            )

    def dropped(self, number: int) -> set[str]:
        """Why what was to be told of a dossier was not."""
        with self.store.read() as session:
            query = select(AlertTold.dropped).join(Alert, Alert.id == AlertTold.alert_id)
            return set(
                session.scalars(query.where(Alert.subject_kind == "dossier", Alert.subject_id == number))
            )
