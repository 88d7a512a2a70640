"""A report beside our counts: which figure stands, what it is compared with, and why they differ."""

from dataclasses import replace
from datetime import date

import pytest

from tracker.measures.reconciling import FormRule, Known, OurFigures, compare, figure, standing
from tracker.reconciling_data import form_of, load_forms
from tracker.types import Channel, RateCounts
from tracker.types.reconciling import Cause, ComparedRow, OurCounts, ReportedFigure
from tracker.types.reported import MEASURES, RowKind

A, B, C, ODD = 1, 2, 3, 9
RULE = FormRule(
    "e",
    "Biểu thử",
    "",
    False,
    {
        "received": ((1, "received"),),
        "received_online": ((1, "received.online"),),
        "finished": ((1, "early"), (1, "on_time"), (1, "late"), (1, "no_due")),
        "on_time": ((1, "on_time"), (1, "no_due")),
        "open_in_time": ((1, "open"), (-1, "open_late")),
        "open_late": ((1, "open_late"),),
        "late": ((1, "late"),),
        "early": ((1, "early"),),
    },
    (("finished", "early", "on_time", "late"),),
    {"on_time": "gồm cả hồ sơ không có ngày hẹn"},
)
NAMES = {A: "Đơn vị A", B: "Đơn vị B", C: "Đơn vị C", ODD: "Phòng lạ"}


def told(unit: int | None, measure: str, value: int, *, kind: RowKind = "unit", name: str = "", row: int = 5, report: int = 1, file: str = "a.xlsx") -> ReportedFigure:  # fmt: skip
    name = name or (NAMES.get(unit, "Không ai biết") if unit else "Không ai biết")
    return ReportedFigure(kind, name, unit, measure, value, row, report, file)


def counts(**given: int) -> OurCounts:
    return OurCounts(RateCounts(**given))


def one(rows: tuple[ComparedRow, ...], name: str) -> ComparedRow:
    (found,) = [row for row in rows if row.name == name]
    return found


def causes(row: ComparedRow, measure: str) -> dict[Cause, int | None]:
    (cell,) = [cell for cell in row.cells if cell.measure == measure]
    return {reason.cause: reason.count for reason in cell.reasons}


# ---------------------------------------------------------------- which figure stands


def test_a_newer_file_replaces_all_of_the_older_one():
    figures = [told(A, "late", 1), told(B, "late", 2), told(A, "late", 5, report=2, file="b.xlsx")]
    assert [(each.unit_id, each.value) for each in standing(figures)] == [(A, 5)]


def test_a_figure_that_was_typed_in_replaces_only_itself():
    figures = [told(A, "late", 1), told(B, "late", 2), told(A, "late", 7, report=2, file="", row=0)]
    assert {each.unit_id: each.value for each in standing(figures)} == {A: 7, B: 2}


def test_a_file_after_typed_figures_replaces_them_too():
    figures = [told(A, "late", 7, file="", row=0), told(B, "late", 2, report=2)]
    assert [each.unit_id for each in standing(figures)] == [B]


# ---------------------------------------------------------------- what is compared


def test_a_report_that_says_what_we_count_differs_nowhere_and_has_its_total():
    ours = OurFigures({A: counts(received=3, late=1), B: counts(received=2)})
    figures = [told(A, "received", 3), told(A, "late", 1), told(B, "received", 2), told(B, "late", 0)]
    rows = compare(RULE, figures, ours, Known(names=NAMES))
    assert [row.name for row in rows] == ["Đơn vị A", "Đơn vị B", ""]
    assert not any(row.differs for row in rows)
    assert [(cell.theirs, cell.ours) for cell in rows[-1].cells] == [(5, 5), (1, 1)]


def test_a_figure_is_compared_with_what_the_form_counts_and_says_what_it_is_made_of():
    value, parts = figure(RULE.measures["open_in_time"], counts(open=9, open_late=4))
    assert (value, [(part.sign, part.counter, part.value) for part in parts]) == (
        5,
        [(1, "open", 9), (-1, "open_late", 4)],
    )
    by_channel = OurCounts(RateCounts(received=7), {Channel.ONLINE: 4, Channel.POSTAL: 3})
    assert figure(RULE.measures["received_online"], by_channel)[0] == 4


def test_lines_of_one_report_that_mean_the_same_unit_are_added():
    figures = [told(A, "late", 1, row=5), told(A, "late", 2, name="Đ.vị A", row=9)]
    rows = compare(RULE, figures, OurFigures({A: counts(late=3)}), Known(names=NAMES))
    assert (rows[0].rows, rows[0].cells[0].theirs, rows[0].differs) == ((5, 9), 3, False)


def test_a_unit_that_nobody_knows_is_shown_and_compared_with_nothing():
    rows = compare(RULE, [told(None, "late", 4)], OurFigures({A: counts(late=4)}), Known(names=NAMES))
    row = one(rows, "Không ai biết")
    assert [reason.cause for reason in row.reasons] == [Cause.ROW_UNKNOWN]
    assert (row.cells[0].theirs, row.cells[0].ours, row.cells[0].difference) == (4, None, None)
    assert row.differs


def test_what_the_report_does_not_have_is_shown_with_our_figure():
    rows = compare(
        RULE, [told(A, "late", 0)], OurFigures({A: counts(), B: counts(late=2)}), Known(names=NAMES)
    )
    row = one(rows, "Đơn vị B")
    assert (row.is_reported, row.cells[0].ours, row.differs) == (False, 2, True)


def test_a_group_of_the_report_is_not_taken_for_the_whole():
    figures = [
        told(None, "late", 2, kind="total", name="Sở, ban, ngành"),
        told(None, "late", 3, kind="total", name="Tổng cộng"),
    ]
    rows = compare(RULE, figures, OurFigures({A: counts(late=3)}), Known(names=NAMES))
    assert [reason.cause for reason in one(rows, "Sở, ban, ngành").reasons] == [Cause.GROUP]
    assert one(rows, "Tổng cộng").cells[0].difference == 0


def test_fields_are_compared_by_their_folded_names():
    figures = [
        told(None, "late", 2, kind="field", name="ĐẤT ĐAI"),
        told(None, "late", 1, kind="field", name="Lạ"),
    ]
    ours = OurFigures({A: counts(late=3)}, {"dat dai": counts(late=2), "tu phap": counts(late=1)})
    rows = compare(RULE, figures, ours, Known(field_names={"tu phap": "Tư pháp"}))
    assert one(rows, "ĐẤT ĐAI").cells[0].difference == 0
    assert one(rows, "Lạ").reasons[0].cause is Cause.ROW_UNKNOWN
    assert one(rows, "Tư pháp").cells[0].ours == 1


def test_a_column_that_we_count_nowhere_says_so():
    row = compare(RULE, [told(A, "returned", 3)], OurFigures({A: counts()}), Known(names=NAMES))[0]
    assert causes(row, "returned") == {Cause.NO_COUNTERPART: None}


def test_a_row_of_the_report_that_does_not_add_up_is_told():
    figures = [told(A, m, v) for m, v in (("finished", 9), ("early", 1), ("on_time", 2), ("late", 3))]
    row = compare(RULE, figures, OurFigures({A: counts(early=1, on_time=2, late=3)}), Known(names=NAMES))[0]
    assert [(each.total, each.told, each.added) for each in row.imbalances] == [("finished", 9, 6)]


# ---------------------------------------------------------------- units above and below


def test_units_without_a_row_are_counted_with_the_nearest_one_above_or_after_them():
    known = Known(above={B: A, C: B}, names=NAMES)
    ours = OurFigures({A: counts(late=1), B: counts(late=2), C: counts(late=4)})
    rows = compare(RULE, [told(A, "late", 7)], ours, known)
    assert (one(rows, "Đơn vị A").cells[0].ours, one(rows, "Đơn vị A").below) == (7, 2)


def test_a_unit_below_with_a_row_of_its_own_explains_what_the_one_above_is_short_of():
    known = Known(above={B: A}, names=NAMES)
    ours = OurFigures({A: counts(late=1), B: counts(late=2)})
    rows = compare(RULE, [told(A, "late", 3), told(B, "late", 2)], ours, known)
    assert causes(one(rows, "Đơn vị A"), "late") == {Cause.UNITS_BELOW: 2}
    assert not one(rows, "Đơn vị B").differs


def test_a_circle_in_the_catalogue_ends_somewhere():
    known = Known(above={A: B, B: A}, names=NAMES)
    rows = compare(RULE, [told(C, "late", 0)], OurFigures({A: counts(late=1), B: counts()}), known)
    assert {row.name for row in rows} >= {"Đơn vị A", "Đơn vị C"}


# ---------------------------------------------------------------- causes


MORE = OurFigures({A: counts(received=10, late=5, open=5, open_late=5)})
FEWER = OurFigures({A: counts(late=1), ODD: counts(late=2), None: counts(late=1)})


@pytest.mark.parametrize(
    ("known", "cause", "count"),
    [
        (Known(own=OurFigures({A: counts(late=2)})), Cause.OTHER_SOURCE, 3),
        (Known(provisional={A: 2, B: 7}), Cause.PROVISIONAL, 2),
        (Known(), Cause.UNEXPLAINED, None),
        (Known(rejected={A: 4}), Cause.UNEXPLAINED, None),
    ],
)
def test_what_we_have_more_has_causes_that_add(known: Known, cause: Cause, count: int | None):
    row = compare(RULE, [told(A, "late", 1)], MORE, replace(known, names=NAMES))[0]
    assert causes(row, "late") == {cause: count}


def test_what_vanished_explains_what_stands_open_only():
    figures = [told(A, "open_late", 1), told(A, "late", 1)]
    row = compare(RULE, figures, MORE, Known(names=NAMES, vanished={A: 3}))[0]
    assert causes(row, "open_late") == {Cause.VANISHED: 3}
    assert causes(row, "late") == {Cause.UNEXPLAINED: None}


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (Known(rejected={A: 3, None: 1, B: 9}), {Cause.REJECTED: 4, Cause.UNIT_NAMES: 1}),
        (Known(unknown_units=frozenset({ODD})), {Cause.UNIT_NAMES: 3}),
        (Known(excluded={A: 6, B: 1}, vanished={A: 3}), {Cause.EXCLUDED: 6, Cause.UNIT_NAMES: 1}),
    ],
)
def test_what_we_have_fewer_has_causes_that_take_away(known: Known, found: dict[Cause, int]):
    row = compare(RULE, [told(A, "late", 9)], FEWER, replace(known, names=NAMES))[0]
    assert causes(row, "late") == found


def test_a_column_that_the_form_counts_otherwise_says_so_beside_a_difference_alone():
    figures = [told(A, "on_time", 5)]
    same = compare(RULE, figures, OurFigures({A: counts(on_time=3, no_due=2)}), Known(names=NAMES))[0]
    assert causes(same, "on_time") == {}
    other = compare(RULE, figures, OurFigures({A: counts(on_time=3)}), Known(names=NAMES))[0]
    assert causes(other, "on_time") == {Cause.DEFINITION: None}


# ---------------------------------------------------------------- the forms


def test_every_form_of_the_readers_has_its_definitions_and_only_our_own_is_verified():
    forms = {form.key: form for form in load_forms()}
    assert set(forms) == {"e", "f", "g", "h", "i", "own"}
    assert [key for key, form in forms.items() if form.verified] == ["own"]
    assert all(set(form.measures) <= set(MEASURES) for form in forms.values())


def test_form_06_counts_what_is_withdrawn_or_has_no_due_date_as_on_time_and_what_waits_as_in_time():
    form = form_of("e", date(2026, 1, 1))
    ours = counts(early=1, on_time=2, late=3, no_due=4, withdrawn=5, open=9, open_late=2, suspended=6)
    assert figure(form.measures["on_time"], ours)[0] == 11
    assert figure(form.measures["finished"], ours)[0] == 15
    assert figure(form.measures["open_in_time"], ours)[0] == 7
