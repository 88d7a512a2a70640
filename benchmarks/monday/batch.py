"""What is asked of the workers on the morning, and what a system pushes meanwhile; each thing timed from asking to its end."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

from app.audit_query import CaseFilters
from app.letter_number_acts import NumberDesk
from app.works.case_exporting import XLSX_ENDING
from app.works.drafting import scope_params
from app.works.exporting import View
from app.works.loading import ingest_params
from benchmarks.monday.processes import AheadContext
from benchmarks.monday.province import CHIEF, CLERK, KEY, MONDAY, SECRET, SOURCE
from letters.moving import Asker
from letters.path import LetterState
from letters.reissue import LetterScope
from tracker.store import letter_choice, letter_register, work
from tracker.store.session import Session, Store
from tracker.types.work import BY_PEOPLE, WorkRequest, WorkRow, WorkState

ENDS = frozenset({WorkState.DONE, WorkState.DEAD, WorkState.CANCELLED})
PUSHED, PUSH_EVERY = 40, 1.5
SLICE = 2_000


@dataclass
class Batch:
    """The morning's great works: those of one list run one after the other, the lists beside each other."""

    context: AheadContext
    changed: Path
    whole: Path
    rows: int
    open: dict[str, list[tuple[str, Callable[[], int | Thread]]]] = field(default_factory=dict)
    running: dict[str, tuple[str, int | Thread, float]] = field(default_factory=dict)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)  # letters without a number, by why

    def __post_init__(self) -> None:
        self.open = {
            "imports": [
                ("the day's export", lambda: self._ingest(self.changed)),
                ("the week's export", lambda: self._ingest(self.whole)),
            ],
            "letters": [
                ("letters drafted and written", self._draft),
                ("letters approved", lambda: self._step("duyet", "drafted", CHIEF, {})),
                ("letters noted as signed", lambda: self._step("ghi-da-ky", "approved", CLERK, {"ngay-ky": self._today})),
                ("letters numbered", self._number),
                ("letters printed (.docx)", self._print),
            ],
            "audit": [("late rows to .xlsx", self._cases), ("evidence pack", self._pack)],
        }  # fmt: skip

    @property
    def store(self) -> Store:
        """The store."""
        return self.context.store

    @property
    def _today(self) -> str:
        return f"{self.context.now():%Y-%m-%d}"

    def go_on(self) -> bool:
        """Ask for what is next in each list; False when everything has ended."""
        for name, steps in self.open.items():
            if name in self.running and not self._has_ended(name):
                continue
            if name not in self.running and steps:
                word, ask = steps.pop(0)
                self.running[name] = (word, ask(), time.monotonic())
        return any(self.open.values()) or bool(self.running)

    def _has_ended(self, name: str) -> bool:
        word, asked, started = self.running[name]
        if isinstance(asked, Thread):
            if not asked.is_alive():
                self.taken[word] = {
                    "seconds": round(time.monotonic() - started, 1),
                    "state": "done",
                    "refused": self.refused,
                }
                del self.running[name]
            return not asked.is_alive()
        row = self._row(asked)
        if row.state not in ENDS:
            return False
        result = {key: value for key, value in row.result.items() if isinstance(value, int) and value}
        self.taken[word] = {
            "seconds": round(time.monotonic() - started, 1), "state": row.state.value, "attempts": row.attempts,
            "result": result, **({"fault": row.fault} if row.fault else {}),
        }  # fmt: skip
        del self.running[name]
        return True

    def _row(self, work_id: int) -> WorkRow:
        with self.store.read() as session:
            row = work.find_work(session, work_id)
        assert row is not None
        return row

    def ask(self, kind: str, params: Mapping[str, Any], by: str) -> int:
        """Put work into the table; its number."""
        with self.store.transaction() as session:
            request = WorkRequest(
                kind, f"{kind}:{self.context.now():%H%M%S%f}", params, by, priority=BY_PEOPLE
            )
            return work.ask(session, request, self.context.now())

    # ------------------------------------------------------------ single works

    def _ingest(self, path: Path) -> int:
        return self.ask("ingest", ingest_params([path], SOURCE), "admin-0")

    def _draft(self) -> int:
        return self.ask("draft_letters", scope_params(LetterScope(self.context.now(), None)), CLERK)

    def _step(self, act: str, state: str, by: str, values: Mapping[str, str]) -> int:
        with self.store.read() as session:
            ids = letter_choice.in_states(session, (LetterState(state),), unit_ids=None)
        params = {
            "act": act, "filters": {"trang-thai": state}, "units": None, "values": dict(values),
            "last": max(ids, default=0), "count": len(ids),
        }  # fmt: skip
        return self.ask("letter_step", params, by)

    def _number(self) -> Thread:
        """Two thousand at a time, as the pages do it: at once, by no worker."""
        with self.store.read() as session:
            ids = letter_choice.in_states(session, (LetterState.SIGNED,), unit_ids=None)
        thread = Thread(target=self._number_all, args=(ids,))
        thread.start()
        return thread

    def _number_all(self, ids: list[int]) -> None:
        for first in range(0, len(ids), SLICE):
            now = self.context.now()
            desk = NumberDesk(self.context, Asker(CLERK, now, None))
            report = desk.number_own(ids[first : first + SLICE], now.date())
            for line in report.refused:
                self.refused[line.why] = self.refused.get(line.why, 0) + 1

    def _print(self) -> int:
        view = View(self.context.now(), None, True)
        return self.ask(
            "print_letters", {"filters": {"trang-thai": "numbered"}, "view": view.as_params()}, CLERK
        )

    def _cases(self) -> int:
        """As many late dossiers as there are letters: those that ended since then, all columns."""
        filters = CaseFilters(start=_first_day(self.store, self.rows), end=MONDAY.date()).as_address()
        view = View(self.context.now(), None, False)
        return self.ask(
            "case_export", {"filters": {**filters, "tep": XLSX_ENDING}, "view": view.as_params()}, "auditor-0"
        )

    def _pack(self) -> int:
        end = MONDAY.date() - timedelta(days=3)
        params = {
            "start": (end - timedelta(days=4)).isoformat(), "end": end.isoformat(), "as_of": self.context.now().isoformat(),
            "title": "Tuần trước", "basis": "source", "unit_id": None, "known": None, "names": False,
        }  # fmt: skip
        return self.ask("evidence_pack", params, "auditor-1")


def _first_day(store: Store, rows: int) -> Any:
    from benchmarks.monday.province import letters_from

    return letters_from(store, rows)


# ---------------------------------------------------------------- pushes


@dataclass
class Pusher:
    """A one-stop system that pushes steps and new dossiers all the while, and sends again what was turned away."""

    port: int
    now: Callable[[], datetime]
    codes: list[str]
    sent: int = 0
    refused_once: int = 0
    failed: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def run(self) -> None:
        """Until told to stop."""
        for number in count():
            if self._stop.wait(PUSH_EVERY):
                return
            body, began = json.dumps(self._events(number)).encode(), time.monotonic()
            while not self._pushed(body):
                self.refused_once += 1
                if self._stop.wait(PUSH_EVERY):
                    return
            self.sent += 1
            self.waits.append(time.monotonic() - began)

    def stop(self) -> None:
        """No more."""
        self._stop.set()

    def _events(self, number: int) -> list[dict[str, str]]:
        told = self.now()
        return [
            {
                "MaHoSo": self.codes[(number * PUSHED + n) % len(self.codes)], "NguoiXuLy": "Chuyên viên B",
                "ThoiDiemXuLy": f"{told - timedelta(seconds=n):%Y%m%d%H%M%S}", "NoiDungXuLy": "Thẩm định hồ sơ",
                "TrangThai": "4", "PhongBanXuLy": "Phòng Chuyên môn",
            }
            for n in range(PUSHED)
        ]  # fmt: skip

    def _pushed(self, body: bytes) -> bool:
        secret = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                "POST", "/lien-thong/DongBoTienTrinh", body,
                {"Authorization": f"Basic {secret}", "Content-Type": "application/json"},
            )  # fmt: skip
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            self.failed.append(type(error).__name__)
            return False
        finally:
            connection.close()
        if answer.status not in (200, 503):
            self.failed.append(f"{answer.status} {text[:200]}")
        return answer.status == 200


def open_codes(session: Session) -> Iterator[tuple[int, int, str]]:
    """Open dossiers: unit, id, code."""
    found = session.connection().exec_driver_sql(
        "SELECT resolving_unit_id, id, code FROM dossier WHERE ended_at IS NULL AND source_due_at IS NOT NULL"
        " ORDER BY source_due_at"
    )
    for row in found:
        yield row[0], row[1], row[2]


def letters_by_state(session: Session) -> dict[str, int]:
    """How many letters stand at which step."""
    told: dict[str, int] = {}
    for line in letter_register.ledger_counts(session, None):
        told[line.state] = told.get(line.state, 0) + line.dossiers
    return told
