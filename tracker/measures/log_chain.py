"""How the entries of the log hang together, how its head is sealed in one printable line, and where a chain is broken.

chain(n) = SHA-256 of chain(n-1), a line feed, and the entry as compact JSON [id, at (epoch seconds), actor, action,
subject, detail]; before the first entry stand 64 zeros. Pure: entries come as values, from wherever they are kept.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from json.encoder import encode_basestring as quoted
from typing import Any

from tracker.errors import UsageError

BEGINNING = "0" * 64
MARK = "DUNGHEN-NK"
GROUP = 8
CHECK_DIGITS = 4
# Whoever has changed one entry is found by the first break; more of them only fill the page.
MOST_TOLD = 20

_LINE = re.compile(
    rf"{MARK}\s+(?P<day>\d{{4}}-\d{{2}}-\d{{2}})\s+#\s*(?P<entry>\d{{1,18}})\s+"
    rf"(?P<chain>(?:[0-9a-f]\s*){{64}})ki\S{{1,3}}m\s*:?\s*(?P<check>[0-9a-f]{{{CHECK_DIGITS}}})\b",
    re.IGNORECASE,
)

# id, at, actor, action, subject, detail, chain: a plain row, since a million of them are read in a few seconds.
Entry = tuple[int, int, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Seal:
    """The head of the log at the end of a day: the last entry that it covers (0: none yet) and its chain."""

    day: date
    entry_id: int
    chain: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the log is not as it was written; `text` tells it in the user's words."""

    # entry_missing, entry_changed, seal_unfounded, seal_disorder, seal_missing, seal_changed, line_unfounded,
    # line_unsealed, decision_changed, edition_changed, word_changed, pack_changed
    code: str
    entry_id: int | None
    day: date | None
    text: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What came of checking a log: entries read, and what is broken, the earliest entry first (20 told at most)."""

    checked: int
    seals: int
    lines: int
    broken: tuple[Break, ...]


def chained(before: str, entry: Sequence[Any]) -> str:
    """The chain's next link: `entry` begins with id, at, actor, action, subject, detail."""
    return hashlib.sha256(f"{before}\n[{entry[0]}{after_id(entry[1:])}".encode()).hexdigest()


def after_id(entry: Sequence[Any]) -> str:
    """What is told of an entry behind its id: a database that chains by itself gives the id first (`tracker.store.audit`)."""
    # As json.dumps would write the list, in half the time.
    return f",{entry[0]},{quoted(entry[1])},{quoted(entry[2])},{quoted(entry[3])},{quoted(entry[4])}]"


def fingerprint(values: Any) -> str:
    """SHA-256 of plain JSON values: by it an entry binds what stands elsewhere without telling it."""
    told = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


# ---------------------------------------------------------------- the line


def seal_line(seal: Seal) -> str:
    """A seal as it is printed, sent and typed back: the chain in groups, and four digits against slips of typing."""
    groups = " ".join(seal.chain[at : at + GROUP] for at in range(0, len(seal.chain), GROUP))
    return f"{MARK} {seal.day.isoformat()} #{seal.entry_id} {groups} kiểm: {_check(seal)}"


def _check(seal: Seal) -> str:
    told = f"{seal.day.isoformat()} #{seal.entry_id} {seal.chain}"
    return hashlib.sha256(told.encode()).hexdigest()[:CHECK_DIGITS]


def read_seal_lines(text: str) -> tuple[Seal, ...]:
    """Every seal line in a text, such as an e-mail; blanks, breaks of lines and capitals do not matter.

    Raises:
        UsageError: a line was copied wrongly: its check digits do not fit, or it is not whole.
    """
    text = re.sub(r"^[ \t>]+", "", text, flags=re.MULTILINE)  # as quoted in an answer
    found = [_read(match) for match in _LINE.finditer(text)]
    if len(found) != len(re.findall(MARK, text, re.IGNORECASE)):
        raise UsageError(
            "có dòng niêm phong chép thiếu; một dòng đủ gồm: "
            f"{MARK} ngày #số, 64 chữ số thập lục phân, “kiểm:” và 4 ký tự"
        )
    return tuple(found)


def _read(match: re.Match[str]) -> Seal:
    chain = re.sub(r"\s", "", match["chain"]).lower()
    try:
        seal = Seal(date.fromisoformat(match["day"]), int(match["entry"]), chain)
    except ValueError as error:
        raise UsageError(f"dòng niêm phong có ngày không tồn tại: {match['day']}") from error
    if _check(seal) != match["check"].lower():
        raise UsageError(
            f"dòng niêm phong ngày {seal.day:%d/%m/%Y} chép sai (4 ký tự kiểm không khớp); hãy đối chiếu từng nhóm"
        )
    return seal


# ---------------------------------------------------------------- the check


@dataclass
class _Checker:
    """Goes through entries one by one and keeps nothing but the head and what was promised about some of them."""

    promised: dict[int, list[tuple[Seal, bool]]]  # by entry: seals, and whether they were kept outside
    head: int = 0
    chain: str = BEGINNING
    broken: list[Break] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """The next entry in order of id."""
        if entry[0] != self.head + 1:
            self._tell("entry_missing", self.head + 1, _gap(self.head + 1, entry[0] - 1))
        elif not _is_whole(entry) or chained(self.chain, entry) != entry[6]:
            self._tell("entry_changed", entry[0], f"Mục {entry[0]} không khớp với chuỗi: {CHANGED}.")
        self.head, self.chain = entry[0], entry[6]
        self.keep_promises()

    def keep_promises(self) -> None:
        """Compare the head with the seals that end at it."""
        for seal, outside in self.promised.pop(self.head, ()):
            if seal.chain != self.chain:
                self.unfounded(seal, outside, f"mục {seal.entry_id} nay có chuỗi khác: {REWRITTEN}")

    def unfounded(self, seal: Seal, outside: bool, why: str) -> None:
        """A seal that the log does not bear out."""
        told = "Dòng niêm phong giữ bên ngoài" if outside else "Niêm phong"
        code = "line_unfounded" if outside else "seal_unfounded"
        self._tell(code, seal.entry_id, f"{told} ngày {seal.day:%d/%m/%Y}: {why}.", seal.day)

    def _tell(self, code: str, entry_id: int | None, text: str, day: date | None = None) -> None:
        self.broken.append(Break(code, entry_id, day, text))


def _is_whole(entry: Entry) -> bool:
    """Are its texts texts? Who writes past the program may leave anything there (SQLite holds bytes in a text column)."""
    return all(isinstance(text, str) for text in entry[2:])


CHANGED = "mục này hoặc mục trước đó đã bị sửa, xóa hay chèn"
REWRITTEN = "nhật ký đã bị viết lại sau khi niêm phong"
CUT = "mục {} không còn trong nhật ký: phần đuôi đã bị cắt"


def _gap(first: int, last: int) -> str:
    told = f"Mục {first}" if first == last else f"Các mục từ {first} đến {last}"
    return f"{told} không còn trong nhật ký."


def check_chain(entries: Iterable[Entry], seals: Sequence[Seal], outside: Sequence[Seal] = ()) -> ChainReport:
    """Go once through all entries in order of id; compare them with the seals, and these with lines kept outside.

    `seals` are those of the store by day; `outside` are lines that were sent or printed, in any order. Memory does not
    grow with the entries. A chain that was rewritten whole, seals and all, is shown by `outside` only.
    """
    promised: dict[int, list[tuple[Seal, bool]]] = defaultdict(list)
    for seal in seals:
        promised[seal.entry_id].append((seal, False))
    for seal in outside:
        promised[seal.entry_id].append((seal, True))
    checker = _Checker(dict(promised))
    checker.keep_promises()
    for entry in entries:
        checker.take(entry)
        if len(checker.broken) >= MOST_TOLD:
            return ChainReport(checker.head, len(seals), len(outside), tuple(checker.broken))
    for left in sorted(checker.promised):
        for seal, is_outside in checker.promised[left]:
            checker.unfounded(seal, is_outside, CUT.format(left))
    broken = [*checker.broken, *_disorder(seals), *_unsealed(seals, outside)]
    return ChainReport(checker.head, len(seals), len(outside), tuple(broken[:MOST_TOLD]))


def _disorder(seals: Sequence[Seal]) -> list[Break]:
    """Days without a seal between the first and the last, and seals that go backwards."""
    broken = []
    for before, after in pairwise(seals):
        if after.entry_id < before.entry_id:
            told = f"Niêm phong ngày {after.day:%d/%m/%Y} lùi về trước niêm phong ngày {before.day:%d/%m/%Y}."
            broken.append(Break("seal_disorder", after.entry_id, after.day, told))
        day = before.day + timedelta(days=1)
        if day < after.day:
            until = after.day - timedelta(days=1)
            span = f"{day:%d/%m/%Y}" if day == until else f"{day:%d/%m/%Y} đến {until:%d/%m/%Y}"
            broken.append(Break("seal_missing", None, day, f"Không có niêm phong cho ngày {span}."))
    return broken


def _unsealed(seals: Sequence[Seal], outside: Sequence[Seal]) -> list[Break]:
    """Lines kept outside whose day has no seal, or another one, in the store."""
    own = {seal.day: seal for seal in seals}
    return [
        Break(
            "line_unsealed",
            line.entry_id,
            line.day,
            f"Niêm phong ngày {line.day:%d/%m/%Y} trong cơ sở dữ liệu "
            f"{'không còn' if line.day not in own else 'khác với dòng giữ bên ngoài'}.",
        )
        for line in outside
        if own.get(line.day) != line
    ]
