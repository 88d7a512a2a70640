"""What the catalogues lack, and what in them does not fit: findings for a person, those that concern most dossiers first."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, pairwise

from tracker.store import catalogue_edits, catalogue_gaps
from tracker.store.session import Store
from tracker.timekeeping.limits import RANGE, SEVERAL, UNIT_MISSING, UNREADABLE, parse_limit
from tracker.types import NoLimit
from tracker.types.catalogue import CatalogueFinding, KeptProcedure, KeptUnit, LimitTold

# Texts by which nobody can say when a dossier is due; "Không quy định" and the like are no fault of the catalogue.
UNCLEAR = frozenset({UNREADABLE, UNIT_MISSING, RANGE, SEVERAL})
A_DAY = timedelta(days=1)


def check_procedures(store: Store) -> list[CatalogueFinding]:
    """Procedures met without a limit, limits that overlap or leave gaps, limits that cannot be read."""
    with store.read() as session:
        kept = catalogue_edits.kept_procedures(session)
        gaps, nameless = catalogue_gaps.procedures_without_limit(session)
    found = [
        CatalogueFinding(
            "PROCEDURE_WITHOUT_LIMIT",
            gap.code,
            f"{gap.name}: có hồ sơ mà danh mục không có thời hạn",
            gap.dossiers,
        )
        for gap in gaps
    ]
    if nameless.dossiers:
        text = "hồ sơ không ghi thủ tục nào: chỉ tính được hạn khi nguồn gửi thời hạn"
        found.append(CatalogueFinding("PROCEDURE_NOT_TOLD", "-", text, nameless.dossiers))
    for procedure in kept.values():
        found += _of_limits(procedure)
    return sorted(found, key=lambda each: -each.dossiers)


def _of_limits(procedure: KeptProcedure) -> Iterator[CatalogueFinding]:
    limits = [each.limit for each in procedure.limits]
    for slot, told in groupby(limits, key=lambda each: each.slot):
        place = ", ".join(filter(None, slot)) or "mọi cách nộp"
        for one, following in pairwise(told):
            if (finding := _between(procedure, place, one, following)) is not None:
                yield finding
    for limit in limits:
        read = parse_limit(limit.limit_text)
        if isinstance(read, NoLimit) and read.code in UNCLEAR:
            text = f"thời hạn “{limit.limit_text}” không tính được thành ngày"
            yield CatalogueFinding("LIMIT_UNCLEAR", procedure.code, text)


def _between(
    procedure: KeptProcedure, place: str, one: LimitTold, following: LimitTold
) -> CatalogueFinding | None:
    """What is wrong between a limit and the one that follows it."""
    since = following.valid_from
    assert since is not None
    if one.valid_to is None or one.valid_to >= since:
        text = f"hai thời hạn cùng áp dụng từ {since:%d/%m/%Y} ({place})"
        return CatalogueFinding("LIMITS_OVERLAP", procedure.code, text)
    if one.valid_to < since - A_DAY:
        text = f"không có thời hạn từ {one.valid_to + A_DAY:%d/%m/%Y} đến {since - A_DAY:%d/%m/%Y} ({place})"
        return CatalogueFinding("LIMITS_GAP", procedure.code, text)
    return None


def check_units(store: Store, day: date) -> list[CatalogueFinding]:
    """Units that nobody knows, units without a level, ended ones without a successor; `day`: ended before it."""
    with store.read() as session:
        kept = catalogue_edits.kept_units(session)
        gaps = catalogue_gaps.unknown_units(session)
    found = [
        CatalogueFinding("UNIT_UNKNOWN", gap.name, "đơn vị chưa có trong danh mục", gap.dossiers)
        for gap in gaps
    ]
    return sorted([*found, *_of_units(kept, day)], key=lambda each: -each.dossiers)


def _of_units(kept: Mapping[str, KeptUnit], day: date) -> Iterator[CatalogueFinding]:
    for unit in kept.values():
        told = unit.told
        if not unit.is_known:
            continue
        if not told.level:
            yield CatalogueFinding("UNIT_WITHOUT_LEVEL", told.code, f"{told.name}: chưa có cấp hành chính")
        if told.valid_to is not None and told.valid_to < day and not told.successor_code:
            text = f"{told.name}: đã kết thúc {told.valid_to:%d/%m/%Y}, chưa ghi đơn vị kế thừa"
            yield CatalogueFinding("SUCCESSOR_MISSING", told.code, text)
        parent = kept.get(told.parent_code)
        if parent is not None and parent.told.valid_to is not None and told.valid_to is None:
            text = f"{told.name}: trực thuộc {told.parent_code} đã kết thúc {parent.told.valid_to:%d/%m/%Y}"
            yield CatalogueFinding("PARENT_ENDED", told.code, text)
