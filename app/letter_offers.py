"""The acts that pages offer on letters and obligations: their words, fields, who may, where they are offered, what they call.

One entry of `OFFERS` is a button of the lists and of single pages; confirmation, answer and worker know only these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.access import OFFICE, Role
from app.deliveries import deliver_letter
from app.letter_acts import LetterDesk
from app.letter_forms import Filled
from letters.correcting import Correction
from letters.deciding import DecisionReport
from letters.moving import MoveReport
from notifications.kinds import ChannelName
from tracker.store import letter_rows
from tracker.types import VN

HEADS = frozenset({Role.HEAD})


class Subject(StrEnum):
    """What an act is done to; the ids of its forms are those of letters or of dossiers."""

    LETTERS = "letters"
    DUTIES = "duties"


class Reach(StrEnum):
    """How many at once."""

    ONE = "one"
    CHOSEN = "chosen"  # those that somebody ticked
    ALL = "all"  # also all of a list


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an act: how many took it, and those that did not: (code, why)."""

    moved: int
    refused: tuple[tuple[str, str], ...] = ()
    voided: int = 0


Run = Callable[[LetterDesk, Sequence[int], Filled], Done]


@dataclass(frozen=True, slots=True)
class Offer:
    """One act: `word` on its button, `will` what happens to {count} of them, `did` what has happened to them."""

    key: str
    word: str
    will: str
    did: str
    run: Run
    subject: Subject = Subject.LETTERS
    states: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()
    roles: frozenset[Role] = OFFICE
    reach: Reach = Reach.ALL
    note: str = ""

    @property
    def endpoint(self) -> str:
        """The route that carries it out."""
        return "letter_steps.decide" if self.roles == HEADS else "letter_steps.act"

    @property
    def noun(self) -> str:
        """What is counted."""
        return "thư" if self.subject is Subject.LETTERS else "hồ sơ"


def _moved(report: MoveReport) -> Done:
    return Done(len(report.moved), tuple((line.code, line.why) for line in report.refused))


def _decided(desk: LetterDesk, report: DecisionReport) -> Done:
    """With the codes of dossiers of the own units; of others nothing is told but their number."""
    ids = [line.dossier_id for line in report.refused]
    with desk.context.store.read() as session:
        own = letter_rows.duties_by_id(session, ids, desk.asker.unit_ids)
    codes = {row.dossier_id: row.code for row in own}
    refused = tuple(
        (codes.get(line.dossier_id, f"số {line.dossier_id}"), line.why) for line in report.refused
    )
    return Done(len(report.decided), refused, report.voided)


def _correct(desk: LetterDesk, ids: Sequence[int], form: Filled) -> Done:
    """Of one draft; what the form left as it was is not changed."""
    with desk.context.store.read() as session:
        letters = letter_rows.letters_by_id(session, ids[:1], desk.asker.unit_ids)
    reason, new_due = form.text("ly-do-thu"), form.day("hen-moi")
    for letter in letters:
        due = letter.new_due_at.astimezone(VN).date() if letter.new_due_at else None
        change = Correction(None if reason == letter.reason else reason, None if new_due == due else new_due)
        return _moved(desk.correct([letter.letter_id], change))
    return Done(0)


def _mail(desk: LetterDesk, ids: Sequence[int], form: Filled) -> Done:
    """Into the outbox: delivered is what the mail server took (`app.letter_mail`)."""
    with desk.context.store.read() as session:
        letters = letter_rows.letters_by_id(session, ids[:1], desk.asker.unit_ids)
    for letter in letters:
        if letter.state != "numbered":
            return Done(0, ((letter.code, "chỉ gửi được thư đã ký và đã có số, ngày"),))
        deliver_letter(
            desk.context, letter.letter_id, ChannelName.EMAIL, form.text("dia-chi"),
            actor=desk.asker.login, now=desk.asker.now,
        )  # fmt: skip
    return Done(len(letters))


_TOLD = ("ngay", "gio", "nguoi", "ghi-chu")
_SIGNED = frozenset({"signed", "numbered", "delivered"})
_OPEN_DUTY = frozenset({"to_check", "owed"})

_ALL: tuple[Offer, ...] = (
    Offer(
        "duyet", "Duyệt", "{count} thư chuyển từ “Đã soạn” sang “Đã duyệt”.", "Đã duyệt {count} thư.",
        lambda desk, ids, _form: _moved(desk.approve(ids)), states=frozenset({"drafted"}), roles=HEADS,
        note="Thư do chính bạn soạn hoặc sửa, và thư có ngày hẹn mới đã qua, không được duyệt; chúng được kể ra sau đó.",
    ),
    Offer(
        "tra-lai", "Trả lại", "{count} thư trở về bước “Đã soạn” để sửa.", "Đã trả lại {count} thư.",
        lambda desk, ids, form: _moved(desk.give_back(ids, form.text("ly-do"))),
        states=frozenset({"approved"}), fields=("ly-do",), roles=HEADS,
    ),
    Offer(
        "ghi-da-ky", "Ghi đã ký", "{count} thư được ghi là đã ký.", "Đã ghi {count} thư đã ký.",
        lambda desk, ids, form: _moved(desk.sign(ids, form.day("ngay-ky") or desk.asker.today)),
        states=frozenset({"approved"}), fields=("ngay-ky",),
        note="Ngày ký từ ngày duyệt đến hôm nay.",
    ),
    Offer(
        "ghi-da-gui", "Ghi đã gửi", "{count} thư được ghi là đã đến tay người nộp.", "Đã ghi {count} thư đã gửi.",
        lambda desk, ids, form: _moved(desk.deliver(ids, form.told())),
        states=frozenset({"numbered"}), fields=("hinh-thuc-gui", *_TOLD),
        note="Thư có ngày hẹn mới bắt đầu được theo dõi xem có giữ đúng hẹn không.",
    ),
    Offer(
        "gui-thu-dien-tu", "Gửi thư điện tử", "Thư được gửi kèm tệp đến địa chỉ này.",
        "Đã đặt gửi. Thư chuyển sang “Đã gửi” khi máy chủ thư nhận.", _mail,
        states=frozenset({"numbered"}), fields=("dia-chi",), reach=Reach.ONE,
    ),
    Offer(
        "bao-mot-cua", "Báo Một cửa", "{count} thư được ghi là đã thông báo bằng văn bản cho Bộ phận Một cửa.",
        "Đã ghi việc báo Bộ phận Một cửa cho {count} thư.",
        lambda desk, ids, form: _moved(desk.tell_desk(ids, form.told())),
        states=_SIGNED, fields=("hinh-thuc-mot-cua", *_TOLD),
    ),
    Offer(
        "mot-cua-da-sua", "Một cửa đã điều chỉnh", "{count} thư được ghi là Bộ phận Một cửa đã điều chỉnh ngày trả kết quả.",
        "Đã ghi Một cửa điều chỉnh ngày của {count} thư.",
        lambda desk, ids, form: _moved(desk.desk_did(ids, form.text("ghi-chu"))),
        states=_SIGNED, fields=("ghi-chu",),
    ),
    Offer(
        "ghi-da-bao", "Ghi đã thông báo", "{count} thư được ghi là người nộp đã được báo.",
        "Đã ghi việc thông báo của {count} thư.",
        lambda desk, ids, form: _moved(desk.note_told(ids, form.told())),
        states=_SIGNED, fields=("hinh-thuc-bao", *_TOLD),
        note="Chỉ ghi việc báo; thư vẫn ở bước hiện tại.",
    ),
    Offer(
        "sua", "Sửa thư", "Thư được viết lại với lý do và ngày hẹn này.", "Đã sửa thư.", _correct,
        states=frozenset({"drafted"}), fields=("ly-do-thu", "hen-moi"), reach=Reach.ONE,
        note="Người sửa thư không duyệt được chính thư ấy.",
    ),
    Offer(
        "huy", "Hủy", "{count} thư bị hủy; số đã cấp được giữ lại cùng lý do.", "Đã hủy {count} thư.",
        lambda desk, ids, form: _moved(desk.void(ids, form.text("ly-do"))),
        states=frozenset({"drafted", "approved", "signed", "numbered"}), fields=("ly-do",), roles=HEADS,
        reach=Reach.CHOSEN, note="Hồ sơ trở lại “Phải gửi” và cần một thư khác.",
    ),
    Offer(
        "phai-xin-loi", "Phải xin lỗi", "{count} hồ sơ chuyển sang “Phải gửi”; thư được soạn ở lần soạn tiếp theo.",
        "Đã quyết định phải xin lỗi {count} hồ sơ.",
        lambda desk, ids, form: _decided(desk, desk.make_owed(ids, form.text("ly-do"))),
        Subject.DUTIES, frozenset({"to_check", "before_start", "waived"}), ("ly-do",), HEADS,
    ),
    Offer(
        "khong-phai-gui", "Không phải gửi", "{count} hồ sơ chuyển sang “Không phải gửi”; thư chưa ký của hồ sơ bị hủy.",
        "Đã quyết định không phải gửi thư cho {count} hồ sơ.",
        lambda desk, ids, form: _decided(desk, desk.waive(ids, form.text("ly-do"))),
        Subject.DUTIES, _OPEN_DUTY, ("ly-do",), HEADS,
    ),
    Offer(
        "ly-do-qua-han", "Ghi lý do quá hạn", "{count} hồ sơ nhận lý do này; thư soạn từ nay in lý do ấy.",
        "Đã ghi lý do quá hạn của {count} hồ sơ.",
        lambda desk, ids, form: _decided(desk, desk.set_reason(ids, form.text("ly-do"))),
        Subject.DUTIES, _OPEN_DUTY, ("ly-do",), note="Thư đã soạn giữ lý do cũ.",
    ),
    Offer(
        "don-vi-gay-qua-han", "Đơn vị để xảy ra quá hạn", "Đơn vị này soạn thư thay đơn vị giải quyết; thư chưa ký bị hủy.",
        "Đã ghi đơn vị để xảy ra quá hạn.",
        lambda desk, ids, form: _decided(desk, desk.set_fault_unit(ids, form.unit_id() or 0, form.text("ly-do"))),
        Subject.DUTIES, _OPEN_DUTY | {"drafted", "approved"}, ("don-vi-loi", "ly-do"), HEADS, Reach.ONE,
        note="Dùng cho thủ tục do nhiều đơn vị cùng giải quyết.",
    ),
)  # fmt: skip
OFFERS: Mapping[str, Offer] = {offer.key: offer for offer in _ALL}


def offers_at(subject: Subject, state: str, role: str, *, single: bool = False) -> list[Offer]:
    """What a role may do with what stands there; `single`: on the page of one, else on the list."""
    return [
        offer
        for offer in _ALL
        if offer.subject is subject
        and state in offer.states
        and Role(role) in offer.roles
        and (single or offer.reach is not Reach.ONE)
    ]
