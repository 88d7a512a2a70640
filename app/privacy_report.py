"""Who saw a person's data in a span, from the log, and the prepared text of a breach report within 72 hours.

The text is a form to be finished by hand: it holds what the program knows, and dots where only people know. The list of
what a report must tell rests on Law 91/2025/QH15 art. 23 and Decree 356/2025/NĐ-CP art. 28, whose wording was not read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.context import AppContext
from app.log_page import ACTIONS
from app.seen_kinds import KINDS, OTHER_IDS, SeenKind, actions_of, kind_of
from tracker.errors import UsageError
from tracker.store import account_lists, seen_entries
from tracker.store.account_lists import AccountFilter, ListedAccount
from tracker.store.audit import Logged
from tracker.store.privacy import persons
from tracker.store.privacy.persons import Found, Wanted
from tracker.store.seen_entries import SeenWanted
from tracker.store.session import Session
from tracker.text import normal_code
from tracker.types import VN

MOST = 1_000_000
BLANK = "…" * 12
HOURS = timedelta(hours=72)
# What every column of a dossier can hold; the kinds of the law (Decree 356/2025 art. 3) in the office's words.
HELD = "họ tên, địa chỉ, số điện thoại của người nộp; tên cán bộ xử lý; ghi chú. Không có số định danh, ảnh giấy tờ."
UNVERIFIED = "[chưa đối chiếu với văn bản]"


@dataclass(frozen=True, slots=True)
class Look:
    """One entry of the log: who, how, what it showed."""

    entry: Logged
    kind: SeenKind
    code: str
    dossiers: int | None

    @property
    def words(self) -> str:
        """The act in words."""
        return ACTIONS.get(self.entry.act.action, self.entry.act.action)


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that the log tells: newest first; people by how often; accounts by login."""

    first: date
    last: date
    found: tuple[Found, ...]
    looks: tuple[Look, ...]
    people: Mapping[str, ListedAccount]

    @property
    def by_person(self) -> list[tuple[str, Counter[SeenKind]]]:
        """Times by kind, those who looked most first."""
        counts: dict[str, Counter[SeenKind]] = {}
        for look in self.looks:
            counts.setdefault(look.entry.act.actor, Counter())[look.kind] += 1
        return sorted(counts.items(), key=lambda each: (-each[1].total(), each[0]))

    @property
    def dossier_ids(self) -> set[int]:
        """The dossiers that lists and pages named by their ids."""
        return {number for look in self.looks for number in _ids(look.entry)}


def access(context: AppContext, codes: Sequence[str], first: date, last: date) -> Access:
    """What the log tells of some dossiers, or of all.

    Raises:
        UsageError: no such dossier, or the days are the wrong way round.
    """
    if first > last:
        raise UsageError("--from phải trước hoặc bằng --to")
    with context.store.read() as session:
        found = [one for code in codes for one in _dossiers(session, code)]
        entries: dict[int, Logged] = {}
        for one in found:
            trace = seen_entries.trace_of(session, one.dossier_id, one.code)
            wanted = SeenWanted(actions_of(), first, last, None, trace, _listing())
            entries |= {each.entry_id: each for each in seen_entries.seen(session, wanted, limit=MOST)}
        if not codes:
            wanted = SeenWanted(actions_of(), first, last)
            entries = {each.entry_id: each for each in seen_entries.seen(session, wanted, limit=MOST)}
        newest = [entries[number] for number in sorted(entries, reverse=True)]
        known = seen_entries.codes_of(session, {number for each in newest for number in _subject(each)}, None)
        people = {each.login: each for each in account_lists.listed(session, AccountFilter(), context.now())}
    return Access(first, last, tuple(found), tuple(_look(each, known) for each in newest), people)


def _dossiers(session: Session, code: str) -> list[Found]:
    found = persons.dossiers_of(session, Wanted(code=normal_code(code)), lambda _count: None)
    if not found:
        raise UsageError(f"không có hồ sơ nào mã {code}")
    return found


def _listing() -> frozenset[str]:
    return (actions_of(SeenKind.LISTED) | actions_of(SeenKind.OPENED) | actions_of(SeenKind.API)) - OTHER_IDS


def _look(entry: Logged, known: Mapping[int, str]) -> Look:
    kind, ids, rows = kind_of(entry.act.action), entry.act.detail.get("ids"), entry.act.detail.get("rows")
    assert kind is not None  # only such acts were asked for
    code = next((known[number] for number in _subject(entry) if number in known), "")
    many = len(ids) if isinstance(ids, list) else rows if isinstance(rows, int) else None
    return Look(entry, kind, code, many)


def _subject(entry: Logged) -> list[int]:
    kind, _, number = entry.act.subject.partition(":")
    return [int(number)] if kind == "dossier" and number.isdigit() else []


def _ids(entry: Logged) -> list[int]:
    ids = entry.act.detail.get("ids")
    listed = ids if isinstance(ids, list) and entry.act.action not in OTHER_IDS else []
    return [*_subject(entry), *(number for number in listed if isinstance(number, int))]


# ---------------------------------------------------------------- the prepared text


def report_text(access: Access, now: datetime) -> str:
    """The report as far as the program can write it; what people must add stands as dots."""
    asked = ", ".join(one.code for one in access.found) or "mọi hồ sơ trong khoảng ngày nêu dưới đây"
    counts = Counter(look.kind for look in access.looks)
    taken = counts[SeenKind.EXPORTED] + counts[SeenKind.PRINTED]
    lines = [
        "THÔNG BÁO VI PHẠM QUY ĐỊNH VỀ BẢO VỆ DỮ LIỆU CÁ NHÂN (bản chuẩn bị, chưa gửi)",
        f"Căn cứ: Luật 91/2025/QH15 Điều 23, Nghị định 356/2025/NĐ-CP Điều 28. Danh mục nội dung dưới đây {UNVERIFIED}.",
        f"Thời hạn: 72 giờ từ khi phát hiện. Nếu phát hiện lúc lập bản này ({_time(now)}) thì đến {_time(now + HOURS)}.",
        "",
        f"1. Cơ quan thông báo (bên kiểm soát dữ liệu): {BLANK}",
        f"   Người phụ trách bảo vệ dữ liệu cá nhân (Điều 33), điện thoại, thư điện tử: {BLANK}",
        f"2. Thời điểm phát hiện: {BLANK}   Thời điểm xảy ra (nếu biết): {BLANK}",
        f"3. Diễn biến, nguyên nhân: {BLANK}",
        f"4. Dữ liệu liên quan: {asked}.",
        f"   Loại dữ liệu chương trình giữ: {HELD}",
        f"   Số hồ sơ mà nhật ký nêu đích danh: {_number(len(access.dossier_ids))}. Số người bị ảnh hưởng: {BLANK}",
        f"5. Việc truy cập theo nhật ký, từ {access.first:%d/%m/%Y} đến {access.last:%d/%m/%Y}: "
        f"{_number(len(access.looks))} lần của {_number(len(access.by_person))} tài khoản; {_number(taken)} lần lấy ra ngoài "
        "(xuất, tải, in).",
        *(f"   - {line}" for line in _people(access)),
        f"6. Hậu quả có thể xảy ra: {BLANK}",
        f"7. Biện pháp đã làm và sẽ làm để khắc phục, giảm thiểu: {BLANK}",
        f"8. Đã báo cho người bị ảnh hưởng (khi nào, bằng cách nào): {BLANK}",
        f"9. Nơi nhận: cơ quan chuyên trách bảo vệ dữ liệu cá nhân {UNVERIFIED}: {BLANK}",
        "",
        f"Lập lúc {_time(now)} từ nhật ký có chuỗi mã băm (dunghen audit verify để kiểm tra). Nhật ký ghi mọi lần xem, xuất qua "
        "chương trình; không ghi việc đọc thẳng cơ sở dữ liệu, tệp đã tải về hay bản sao lưu.",
    ]  # fmt: skip
    return "\n".join(lines)


def _people(access: Access) -> list[str]:
    told = []
    for login, counts in access.by_person:
        person = access.people.get(login)
        who = f"{login} ({person.full_name}, {person.unit_name or 'toàn tỉnh'})" if person else login
        told.append(f"{who}: " + ", ".join(f"{KINDS[kind].word.lower()} {_number(counts[kind])}" for kind in SeenKind if counts[kind]))  # fmt: skip
    return told


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(VN):%H:%M ngày %d/%m/%Y}"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
