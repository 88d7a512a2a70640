"""The units that a key may be bound to: those of today that the catalogue knows, by kind, with what they bring along."""

from datetime import date

from app.key_page import UnitChoice, unit_groups
from tracker.types import Level, UnitRef

TODAY = date(2026, 8, 24)


def unit(number: int, name: str, kind: str = "department", **given: object) -> UnitRef:
    values = {"parent_id": None, "valid_from": None, "valid_to": None, "successor_id": None, **given}
    return UnitRef(number, f"U{number}", name, Level.PROVINCE, kind, **values)  # type: ignore[arg-type]


def offered(*units: UnitRef) -> dict[str, tuple[UnitChoice, ...]]:
    return {group.word: group.units for group in unit_groups({one.unit_id: one for one in units}, TODAY)}


def test_units_stand_by_kind_and_name_with_how_many_lie_below():
    found = offered(
        unit(1, "UBND tỉnh", "office"),
        unit(3, "Sở B", parent_id=1),
        unit(2, "Sở A", parent_id=1),
        unit(4, "Chi nhánh", "branch", parent_id=2),
        unit(5, "Trường", "school"),
    )
    assert list(found) == ["Văn phòng", "Sở, ban, ngành", "Chi nhánh", "Đơn vị khác"]
    assert found["Văn phòng"] == (UnitChoice("U1", "UBND tỉnh", 3),)
    assert found["Sở, ban, ngành"] == (UnitChoice("U2", "Sở A", 1), UnitChoice("U3", "Sở B", 0))


def test_units_that_have_ended_and_names_that_nobody_knows_are_not_offered():
    found = offered(
        unit(1, "Ended", valid_to=date(2026, 8, 23)),
        unit(2, "Last day", valid_to=TODAY),
        unit(3, "Strange", "unknown"),
    )
    assert found == {"Sở, ban, ngành": (UnitChoice("U2", "Last day", 0),)}


def test_parents_in_a_circle_are_counted_once():
    found = offered(unit(1, "A", parent_id=2), unit(2, "B", parent_id=1))
    assert [each.below for each in found["Sở, ban, ngành"]] == [1, 1]
