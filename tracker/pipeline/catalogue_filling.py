"""What a person fills into the catalogues by hand: a limit, another code, another name, a unit; each says what to look at.

Everything here writes into the transaction of its caller, who holds `Lock.ACCOUNTS`, and makes no procedures or units.
"""

from collections.abc import Mapping
from dataclasses import replace

from tracker.errors import UsageError
from tracker.ingest.catalogue_changes import Outcome, RowVerdict, change_limits
from tracker.pipeline.catalogue_units import Units
from tracker.store import catalogue, catalogue_moves
from tracker.store import catalogue_edits as edits
from tracker.store.catalogue_moves import Scope
from tracker.store.session import Session
from tracker.text import clean, fold, procedure_base
from tracker.types.catalogue import KeptProcedure, KeptUnit, LimitTold, UnitTold


def procedure_of(session: Session, procedure_id: int) -> KeptProcedure | None:
    """A procedure by its id."""
    kept = edits.kept_procedures(session).values()
    return next((each for each in kept if each.procedure_id == procedure_id), None)


def unit_of(session: Session, unit_id: int) -> KeptUnit | None:
    """A unit by its id."""
    kept = edits.kept_units(session).values()
    return next((each for each in kept if each.unit_id == unit_id), None)


def add_limit(session: Session, procedure: KeptProcedure, limit: LimitTold) -> Scope:
    """Publish a limit for a procedure; the open one before it ends on the day before.

    Raises:
        UsageError: it overlaps another one, or is there already.
    """
    changes = change_limits(procedure.limits, [(1, limit)])
    outcome = changes.outcomes[0]
    if outcome.verdict is RowVerdict.REJECTED:
        raise UsageError(f"Thời hạn này {outcome.message}")
    if outcome.verdict is RowVerdict.UNCHANGED:
        raise UsageError("Danh mục đã có đúng thời hạn này")
    edits.put_limits(session, procedure.procedure_id, changes.writes)
    return Scope(procedures=frozenset({procedure.procedure_id}))


def name_procedure(session: Session, old: KeptProcedure, target: str) -> Scope:
    """Say that a procedure met in the data is another one of the catalogue (by code, other code or name).

    Raises:
        UsageError: there is no such one, or the old one has limits of its own.
    """
    kept = edits.kept_procedures(session)
    owner = _procedure(kept, target)
    if owner is None:
        raise UsageError(f"không có thủ tục nào mã hoặc tên “{clean(target)[:80]}” trong danh mục")
    if owner.procedure_id == old.procedure_id:
        raise UsageError("đó chính là thủ tục này")
    if old.limits or old.aliases:
        raise UsageError(
            "thủ tục này có thời hạn hoặc mã khác của riêng nó, không thể là mã khác của thủ tục nào"
        )
    edits.put_procedure_aliases(session, {old.code.removeprefix(edits.MADE_UP): owner.procedure_id})
    return Scope(procedures=frozenset({owner.procedure_id}), old_procedures=frozenset({old.procedure_id}))


def _procedure(kept: Mapping[str, KeptProcedure], target: str) -> KeptProcedure | None:
    code, key = procedure_base(clean(target).replace(" ", "")), catalogue.alias_key(target)
    if code in kept and not code.startswith(edits.MADE_UP):
        return kept[code]
    known = [each for each in kept.values() if not each.code.startswith(edits.MADE_UP)]
    by_alias = [each for each in known if key in each.aliases]
    found = by_alias or [each for each in known if fold(each.name) == fold(clean(target))]
    return found[0] if len(found) == 1 else None


def name_unit(session: Session, old: KeptUnit, target: str) -> Scope:
    """Say that a made-up unit is another spelling of one of the catalogue (by code, name or other name).

    Raises:
        UsageError: there is no such one.
    """
    owner = found_unit(session, target)
    if old.is_known:
        raise UsageError("đơn vị này đã có trong danh mục")
    if owner is None or not owner.is_known:
        raise UsageError(f"không có đơn vị nào mã hoặc tên “{clean(target)[:80]}” trong danh mục")
    edits.put_unit_aliases(session, {old.told.name: owner.unit_id})
    edits.close_unit(session, old.unit_id, owner.unit_id)
    return Scope(old_units=frozenset({old.unit_id}))


def add_unit_alias(session: Session, unit: KeptUnit, text: str) -> None:
    """Another spelling of a unit of the catalogue, for rows that are yet to come.

    Raises:
        UsageError: it means a unit already, or rows that bear it stand by themselves: those are named one by one.
    """
    if not unit.is_known:
        raise UsageError("đơn vị này chưa có trong danh mục")
    found = found_unit(session, text)
    if found is not None and found.unit_id == unit.unit_id:
        raise UsageError("đơn vị này đã có tên gọi ấy")
    if found is not None and found.is_known:
        raise UsageError(f"“{clean(text)[:80]}” đã là tên của {found.told.name}")
    if found is not None:
        raise UsageError(
            f"đã có hồ sơ ghi “{clean(text)[:80]}”: hãy mở tên ấy ở trang Đơn vị chưa có trong danh mục"
        )
    edits.put_unit_aliases(session, {clean(text): unit.unit_id})


def add_procedure_alias(session: Session, procedure: KeptProcedure, text: str) -> None:
    """Another code or name of a procedure of the catalogue, for rows that are yet to come.

    Raises:
        UsageError: it means a procedure already, or rows that bear it stand by themselves: those are named one by one.
    """
    kept = edits.kept_procedures(session)
    if procedure.code.startswith(edits.MADE_UP) or not procedure.limits:
        raise UsageError("thủ tục này chưa có thời hạn trong danh mục")
    owner, code = _procedure(kept, text), procedure_base(clean(text).replace(" ", ""))
    if owner is not None and owner.procedure_id == procedure.procedure_id:
        raise UsageError("thủ tục này đã có mã hoặc tên ấy")
    if owner is not None:
        raise UsageError(f"“{clean(text)[:80]}” đã là mã hoặc tên của thủ tục {owner.code}")
    if code in kept or edits.MADE_UP + code in kept or edits.MADE_UP + clean(text) in kept:
        raise UsageError(
            f"đã có hồ sơ ghi “{clean(text)[:80]}”: hãy mở thủ tục ấy ở trang Thủ tục chưa có thời hạn"
        )
    edits.put_procedure_aliases(session, {clean(text): procedure.procedure_id})


def found_unit(session: Session, text: str) -> KeptUnit | None:
    """A unit by code, name or other name, as a person types it; "CODE · name", as choices show it, as well."""
    number = catalogue.find_unit(session, clean(text)) or catalogue.find_unit(
        session, clean(text.split("·")[0])
    )
    return unit_of(session, number) if number else None


def fill_unit(session: Session, unit: KeptUnit, told: UnitTold) -> Scope:
    """Tell what a unit is: of the catalogue, or one that was made up for a name and becomes a unit of its own.

    Raises:
        UsageError: its code is another unit's, or parent and successor do not fit.
    """
    kept = edits.kept_units(session)
    if told.code != unit.told.code and (told.code in kept or catalogue.find_unit(session, told.code)):
        raise UsageError(f"mã {told.code} đã là của một đơn vị khác")
    # The planner looks at codes alone, so the unit stands among the others under its new one.
    others = {code: each for code, each in kept.items() if each.unit_id != unit.unit_id}
    standing = {**others, told.code: replace(unit, told=replace(unit.told, code=told.code), is_known=True)}
    plan = Units(standing, edits.unit_aliases(session))
    outcome = plan.take([told])[0]
    if outcome.verdict is RowVerdict.REJECTED:
        raise UsageError(_words(outcome))
    # A form shows all that is known: what was emptied there is meant so, unlike in a file.
    edits.put_units(session, [edits.UnitEntry(unit.unit_id, told)])
    edits.put_unit_aliases(session, dict.fromkeys(plan.aliases, unit.unit_id))
    old = catalogue_moves.old_units(session, frozenset({unit.unit_id}))
    concerned = frozenset({unit.unit_id}) if edits.has_extras(session) else frozenset()
    return Scope(units=concerned, old_units=old | ({unit.unit_id} if not unit.is_known else frozenset()))


def _words(outcome: Outcome) -> str:
    columns = {"parent_code": "đơn vị cấp trên", "successor_code": "đơn vị kế thừa", "level": "cấp"}
    return f"{columns.get(outcome.column, 'đơn vị')} {outcome.value}: {outcome.message}"
