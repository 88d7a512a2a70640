"""What persons do on the first day: choose the start date, confirm what only they can know, take it back; each is logged.

Whether somebody may do it says the page's permission; what is refused is told in the user's words.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.context import AppContext
from app.first_day import calendar_mark, look
from app.first_day_preview import check_day
from app.first_day_standing import is_ready
from app.first_day_words import titles
from app.job_runs import ask_by_hand
from app.presenters import number
from app.reveal import holds_long_number
from tracker.errors import UsageError
from tracker.measures.first_day import FirstDay
from tracker.store import catalogue, first_day_store, obligation_store
from tracker.store.first_day_store import CALENDAR, READY, START, UNITS, WITHDRAWN, Word
from tracker.types import VN

CONFIRM, WITHDRAW = "first_day_confirm", "first_day_withdraw"
# What an administrator may take back; that the list is true, those who may say it.
WITHDRAWABLE = frozenset({UNITS, CALENDAR})
LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Compared:
    """What somebody says of the check sheet: with which seed it was drawn, how many dossiers stood on it, how many agreed."""

    seed: str
    drawn: int
    agreed: int | None


@dataclass(frozen=True, slots=True)
class FirstDayDesk:
    """Acts in somebody's name at a moment."""

    context: AppContext
    login: str
    now: datetime

    def set_start(self, day: date | None, reason: str) -> bool:
        """From which day the office owes letters (None: for everything); is the ledger being brought to it?

        Raises:
            UsageError: the configuration says it, the day cannot be one, or an office at work gives no reason.
        """
        context = self.context
        if context.config.letters.letters_from is not None:
            raise UsageError(
                "ngày bắt đầu đang đặt trong tệp cấu hình (letters.letters_from); xóa ở đó rồi mới chọn ở đây"
            )
        if day is not None:
            check_day(day, self.now.astimezone(VN).date())
        reason = self._reason(reason, is_needed=is_ready(context))
        body: dict[str, Any] = {"day": day.isoformat() if day else None}
        self._say(Word(START, body, "first_day_start", reason))
        with context.store.read() as session:
            has_ledger = bool(obligation_store.ledger_size(session))
        if has_ledger:
            ask_by_hand(context.store, "ledger", self.now.astimezone(VN).date(), self.login, self.now)
        return has_ledger

    def confirm_units(self, unit: str) -> str:
        """The catalogue of units was compared, and the office is this unit (code or name); what to tell.

        Raises:
            UsageError: no such unit.
        """
        with self.context.store.read() as session:
            unit_id = catalogue.find_unit(session, unit.strip()) if unit.strip() else None
            found = catalogue.units(session).get(unit_id or 0)
        if found is None:
            raise UsageError("không có đơn vị nào tên hoặc mã như vậy; xem danh mục đơn vị")
        self._say(Word(UNITS, {"unit": found.code, "name": found.name}, CONFIRM))
        return f"Đã ghi: danh mục đơn vị đã được đối chiếu, cơ quan là {found.name}."

    def confirm_calendar(self, seen: str) -> str:
        """The hours and days were compared with the notices; `seen`: the mark of what the page showed.

        Raises:
            UsageError: it has changed meanwhile.
        """
        mark = calendar_mark(self.context.calendar, self.now.date())
        if seen != mark:
            raise UsageError("lịch vừa đổi trong lúc bạn xem; hãy xem lại rồi xác nhận")
        self._say(Word(CALENDAR, {"mark": mark}, CONFIRM))
        return "Đã ghi: lịch và giờ làm việc đã được so với văn bản."

    def confirm_list(self, said: Compared) -> str:
        """The late list was compared with the source by the check sheet: the office is ready.

        Raises:
            UsageError: a step that is needed is open, or not every dossier agreed.
        """
        found = look(self.context, self.now)
        self._check_ready(found, said)
        body = {
            "seed": said.seed, "drawn": said.drawn, "open": [step.key for step in found.open if step.key != "late_list"],
        }  # fmt: skip
        self._say(Word(READY, body, "first_day_ready"))
        return "Đã ghi: danh sách quá hạn khớp với nguồn. Cơ quan đã sẵn sàng."

    def withdraw(self, subject: str) -> str:
        """Take a confirmation back.

        Raises:
            UsageError: nothing of the kind stands.
        """
        with self.context.store.read() as session:
            stands = subject in first_day_store.words(session)
        if not stands:
            raise UsageError("không còn xác nhận nào như vậy để rút")
        self._say(Word(subject, {WITHDRAWN: True}, WITHDRAW))
        return "Đã rút xác nhận."

    def _check_ready(self, found: FirstDay, said: Compared) -> None:
        if found.hinders:
            raise UsageError(f"chưa xác nhận được, còn thiếu: {titles(found.hinders)}")
        if said.agreed is None or not 0 <= said.agreed <= said.drawn:
            raise UsageError(f"hãy ghi số hồ sơ khớp với nguồn, từ 0 đến {said.drawn}")
        if said.agreed < said.drawn:
            raise UsageError(
                f"{number(said.drawn - said.agreed)} hồ sơ chưa khớp với nguồn: tìm vì sao trước (tệp xuất thiếu cột, lịch, giờ"
                " làm việc, thời hạn), sửa rồi in phiếu mới"
            )

    def _reason(self, reason: str, *, is_needed: bool) -> str:
        told = " ".join(reason.split())[:LONGEST_REASON]
        if is_needed and not told:
            raise UsageError("cơ quan đã làm việc: đổi ngày bắt đầu cần ghi lý do hoặc văn bản")
        if holds_long_number(told):
            raise UsageError("lý do không ghi số điện thoại hay số giấy tờ")
        return told

    def _say(self, word: Word) -> None:
        with self.context.store.transaction() as session:
            first_day_store.say(session, word, self.login, self.now)
