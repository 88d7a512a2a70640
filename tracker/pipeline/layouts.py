"""Saved layouts at work: which of them fits a file, told by its headings; and what a person has decided, made one."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import UnusableFile, UsageError
from tracker.ingest.layout import Layout, Table
from tracker.ingest.readers.opening import open_tables
from tracker.store import saved_layouts
from tracker.store.saved_layouts import LayoutRow
from tracker.store.session import Store
from tracker.text import fold_header

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ChosenLayout:
    """How columns are to be read, and by which saved layouts that was decided; no mapping: as the program knows them."""

    mapping: Mapping[str, str] | None
    keys: tuple[str, ...] = ()


NONE = ChosenLayout(None)


def signature(headings: Iterable[str]) -> str:
    """What tells files with the same headings, in whatever order and however written."""
    folded = sorted({name for heading in headings if (name := fold_header(heading))})
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()[:32]


def own_headings(layout: Layout) -> Sequence[str]:
    """The headings that stand in the file, without those that we added."""
    return layout.headings[: layout.width]


def layout_of(table: Table) -> Layout | None:
    """The layout of an open table; this begins its one pass. None where it has no rows."""
    first = next(iter(table.chunks(1)), None)
    return None if first is None else first.layout


def chosen_layout(store: Store, paths: Sequence[Path], *, key: str, max_mib: int) -> ChosenLayout:
    """The saved layout of a key, or with `auto` those whose headings the files have.

    Raises:
        UsageError: there is none of that key, or the files want one heading read in two ways.
    """
    with store.read() as session:
        saved = saved_layouts.all_layouts(session)
    if key != AUTO:
        found = next((one for one in saved if one.key == key), None)
        if found is None:
            known = ", ".join(one.key for one in saved) or "chưa lưu cách hiểu cột nào"
            raise UsageError(f"--layout {key}: không có cách hiểu cột nào mang khóa này; có: {known}")
        return ChosenLayout(found.mapping, (found.key,))
    if not saved:
        return NONE
    return _joined([one for path in paths for one in _fitting(saved, path, max_mib)])


def _fitting(saved: Sequence[LayoutRow], path: Path, max_mib: int) -> list[LayoutRow]:
    """The layouts that fit the tables of a file, as it is read without them or, where it cannot be, with each of them."""
    try:
        signatures = _signatures(path, max_mib, None)
    except UnusableFile:
        return next(([one] for one in saved if _fits(one, path, max_mib)), [])
    return [one for told in signatures for one in saved if one.signature == told][:1]


def _fits(one: LayoutRow, path: Path, max_mib: int) -> bool:
    try:
        return one.signature in _signatures(path, max_mib, one.mapping)
    except UnusableFile:
        return False


def _signatures(path: Path, max_mib: int, mapping: Mapping[str, str] | None) -> list[str]:
    with ExitStack() as stack:
        tables = open_tables(stack, path, max_mib=max_mib, mapping=mapping)
        layouts = [layout_of(table) for table in tables if hasattr(table, "layout")]
    return [signature(own_headings(layout)) for layout in layouts if layout is not None]


def _joined(found: Sequence[LayoutRow]) -> ChosenLayout:
    mapping: dict[str, str] = {}
    for one in found:
        for heading, field in one.mapping.items():
            if mapping.setdefault(heading, field) != field:
                raise UsageError(
                    f"các tệp cần hiểu cột “{heading}” theo hai cách ({', '.join(each.key for each in found)}); "
                    "hãy nạp riêng từng tệp"
                )
    return ChosenLayout(mapping, tuple(dict.fromkeys(one.key for one in found))) if found else NONE
