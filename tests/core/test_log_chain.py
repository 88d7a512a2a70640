"""The chain of the log and its seals: whatever is changed, cut, added or rewritten is found, and told where."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.measures.log_chain import (
    BEGINNING,
    MOST_TOLD,
    ChainReport,
    Entry,
    Seal,
    chained,
    check_chain,
    read_seal_lines,
    seal_line,
)

DAY = date(2026, 11, 20)


def chain_of(*bodies: tuple[int, int, str, str, str, str]) -> list[Entry]:
    """Entries with the chain that belongs to them."""
    entries: list[Entry] = []
    chain = BEGINNING
    for body in bodies:
        chain = chained(chain, body)
        entries.append((*body, chain))
    return entries


def log(length: int = 6) -> list[Entry]:
    return chain_of(
        *(
            (n, 1_760_000_000 + n, "desk", "dossier", f"dossier:{n}", f'{{"page": {n}}}')
            for n in range(1, length + 1)
        )
    )


def sealed(entries: list[Entry], *heads: int) -> list[Seal]:
    """A seal a day, at these entries (0: before the first)."""
    return [
        Seal(DAY + timedelta(days=number), head, entries[head - 1][6] if head else BEGINNING)
        for number, head in enumerate(heads)
    ]


def codes(report: ChainReport) -> list[tuple[str, int | None]]:
    return [(each.code, each.entry_id) for each in report.broken]


def test_the_link_is_the_sha_256_of_the_link_before_and_the_entry_as_compact_json():
    body = (1, 1_760_000_000, "cán bộ", 'a"b', "dossier:1\n", '{"x": "\u2028ệ\\"}')
    told = json.dumps(list(body), ensure_ascii=False, separators=(",", ":"))
    assert chained(BEGINNING, body) == hashlib.sha256(f"{BEGINNING}\n{told}".encode()).hexdigest()


@pytest.mark.parametrize("length", [0, 1, 6])
def test_an_untouched_log_is_whole_and_every_entry_is_read(length: int):
    entries = log(length)
    report = check_chain(entries, sealed(entries, 0, length), sealed(entries, 0, length))
    assert (report.checked, report.broken) == (length, ())


def without(entry_id: int) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [entry for entry in entries if entry[0] != entry_id]


def changed(entry_id: int, column: int, value: object) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [
        (*entry[:column], value, *entry[column + 1 :]) if entry[0] == entry_id else entry for entry in entries
    ]  # type: ignore[misc]


def inserted(entries: list[Entry]) -> list[Entry]:
    """An entry slipped in after the third, the later ones moved up, their chains left as they were."""
    new: Entry = (4, entries[2][1], "admin", "login", "user:1", "{}", chained(entries[2][6], (4, entries[2][1], "admin", "login", "user:1", "{}")))  # fmt: skip
    return [*entries[:3], new, *((entry[0] + 1, *entry[1:]) for entry in entries[3:])]  # type: ignore[misc]


TAMPERED = {
    "the detail of an entry": (changed(3, 5, '{"page": 99}'), ("entry_changed", 3)),
    "the actor of the first entry": (changed(1, 2, "someone"), ("entry_changed", 1)),
    "the moment of the last entry": (changed(6, 1, 1_760_000_099), ("entry_changed", 6)),
    "the chain of an entry": (changed(4, 6, "0" * 64), ("entry_changed", 4)),
    "an entry from the middle is gone": (without(3), ("entry_missing", 3)),
    "the first entry is gone": (without(1), ("entry_missing", 1)),
    "an entry was slipped in": (inserted, ("entry_changed", 5)),
    "entries in another order": (lambda entries: [entries[0], entries[2], entries[1], *entries[3:]], ("entry_missing", 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_the_first_break_is_told(name: str):
    tamper, expected = TAMPERED[name]
    assert codes(check_chain(tamper(log()), []))[0] == expected


def test_a_tail_cut_after_the_last_seal_shows_by_nothing_one_cut_before_it_by_the_seal():
    entries = log()
    seals = sealed(entries, 2, 4)
    assert check_chain(entries[:4], seals).broken == ()
    assert codes(check_chain(entries[:3], seals)) == [("seal_unfounded", 4)]


def test_a_tail_cut_together_with_its_seals_shows_by_a_line_kept_outside():
    entries = log()
    seals = sealed(entries, 2, 4)
    cut = check_chain(entries[:3], seals[:1], seals)
    assert codes(cut) == [("line_unfounded", 4), ("line_unsealed", 4)]
    assert check_chain(entries[:3], seals[:1]).broken == ()


def test_a_log_rewritten_whole_with_its_seals_shows_only_by_a_line_kept_outside():
    entries = log()
    kept = sealed(entries, 4)
    bodies = [entry[:6] for entry in changed(2, 2, "someone")(entries)]
    forged = chain_of(*bodies)
    assert check_chain(forged, sealed(forged, 4)).broken == ()
    assert codes(check_chain(forged, kept)) == [("seal_unfounded", 4)]
    assert codes(check_chain(forged, sealed(forged, 4), kept)) == [
        ("line_unfounded", 4),
        ("line_unsealed", 4),
    ]


def test_a_day_without_a_seal_between_two_that_have_one_is_told_with_its_span():
    entries = log()
    first, second = sealed(entries, 2, 4)
    late = replace(second, day=first.day + timedelta(days=4))
    (gap,) = check_chain(entries, [first, late]).broken
    assert (gap.code, gap.day) == ("seal_missing", first.day + timedelta(days=1))
    assert "21/11/2026 đến 23/11/2026" in gap.text


def test_seals_that_go_backwards_are_told():
    entries = log()
    assert codes(check_chain(entries, sealed(entries, 4, 2))) == [("seal_disorder", 2)]


def test_a_log_of_which_nothing_fits_fills_no_page():
    entries = [(*entry[:6], "0" * 64) for entry in log(200)]
    assert len(check_chain(entries, []).broken) == MOST_TOLD


@given(st.data())
def test_any_change_of_any_field_of_any_entry_is_found(data: st.DataObject):
    entries = log(8)
    number = data.draw(st.integers(0, 7))
    column = data.draw(st.integers(1, 6))
    value = data.draw(st.integers(0, 2**40) if column == 1 else st.text(max_size=30))
    tampered = list(entries)
    tampered[number] = (*entries[number][:column], value, *entries[number][column + 1 :])  # type: ignore[assignment]
    broken = check_chain(tampered, []).broken
    assert bool(broken) is (tampered != entries)
    if broken:
        assert broken[0].entry_id in (number + 1, number + 2)


# ---------------------------------------------------------------- the line

SEAL = Seal(date(2026, 11, 22), 48_213, "3f2a" * 16)
LINE = seal_line(SEAL)
WAYS = {
    "as it is": LINE,
    "in capitals": LINE.upper(),
    "with other blanks": LINE.replace(" ", "  \t"),
    "broken over lines": LINE.replace(" 3f2a", "\n3f2a"),
    "quoted in an answer": "> Kính gửi\n> " + LINE.replace(" 3f2a", "\n>> 3f2a") + "\n> Trân trọng",
    "groups typed together": LINE.replace("3f2a3f2a 3f2a3f2a", "3f2a3f2a3f2a3f2a"),
    "without diacritics": LINE.replace("kiểm", "kiem"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_line_is_read_back_however_it_was_kept(way: str):
    assert read_seal_lines(WAYS[way]) == (SEAL,)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3f2a3f2a", "3f2a3f2b"),
        ("#48213", "#48214"),
        ("2026-11-22", "2026-11-21"),
        ("2026-11-22", "2026-11-32"),
    ],
)
def test_a_slip_of_typing_is_told_as_that_and_not_as_a_forgery(before: str, after: str):
    with pytest.raises(UsageError, match=r"chép sai|không tồn tại"):
        read_seal_lines(LINE.replace(before, after, 1))


def test_half_a_line_is_refused_and_text_without_any_is_empty():
    with pytest.raises(UsageError, match="chép thiếu"):
        read_seal_lines(LINE[:60])
    assert read_seal_lines("không có gì") == ()


@given(st.dates(date(2000, 1, 1)), st.integers(0, 10**15), st.binary(min_size=32, max_size=32))
def test_every_seal_comes_back_from_its_line(day: date, entry_id: int, digest: bytes):
    seal = Seal(day, entry_id, digest.hex())
    assert read_seal_lines(seal_line(seal)) == (seal,)
