"""Official forms: each sum of the form holds whatever was counted, and nothing that was counted is lost in a column."""

from dataclasses import fields, replace
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.forms_data import choose_edition, form_edition, load_form_editions
from tracker.measures.form_counts import (
    FormEdition,
    FormGroup,
    broken_sums,
    filled,
    measures,
    sums_told,
)
from tracker.measures.rates import balances, total
from tracker.reconciling_data import form_of
from tracker.tables import read_table
from tracker.types import Channel, Level, RateCounts
from tracker.types.reconciling import OurCounts

FORM_A, FORM_B = load_form_editions()
FEW = st.integers(0, 50)


@st.composite
def ours(draw: st.DrawFn) -> OurCounts:
    """Counts of one group as `rates` gives them: they balance, and what is part of something is no more than it."""
    parts = {name: draw(FEW) for name in ("early", "on_time", "late", "withdrawn", "no_due")}
    standing = {name: draw(FEW) for name in ("open_late", "open_no_due", "suspended")}
    open_all = sum(standing.values()) + draw(FEW)
    there = sum(parts.values()) + open_all
    received = draw(st.integers(0, there))
    counts = RateCounts(received=received, carried_over=there - received, open=open_all, **parts, **standing)
    assert balances(counts)
    online = draw(st.integers(0, received))
    return OurCounts(counts, {Channel.ONLINE: online, Channel.COUNTER: received - online})


GROUPS = st.lists(
    st.builds(FormGroup, st.sampled_from(list(Level)), st.text(min_size=1, max_size=5), ours()), max_size=8
)


@st.composite
def editions(draw: st.DrawFn) -> FormEdition:
    """The form with its odd dossiers in any columns where they may stand."""
    return replace(
        FORM_A,
        places={
            "no_due": draw(st.sampled_from((8, 9, 10))),
            "withdrawn": draw(st.sampled_from((8, 9, 10))),
            "suspended": draw(st.sampled_from((12, 13))),
            "open_no_due": draw(st.sampled_from((12, 13))),
        },
    )


@given(editions(), GROUPS)
def test_every_row_keeps_all_four_sums_of_the_form_wherever_odd_dossiers_stand(
    edition: FormEdition, groups: list[FormGroup]
):
    table = filled(edition, groups)
    assert table.faults == ()
    assert [broken_sums(edition, line.cells) for line in table.lines] == [[] for _ in table.lines]
    for line in table.lines:
        c = line.cells
        assert c[3] == c[4] + c[5] + c[6] == c[7] + c[11]
        assert c[7] == c[8] + c[9] + c[10]
        assert c[11] == c[12] + c[13]


@given(GROUPS)
def test_the_total_is_all_that_was_counted_and_no_row_is_lost(groups: list[FormGroup]):
    table = filled(FORM_B, groups)
    whole = total(group.ours.counts for group in groups)
    assert table.total.ours.counts == whole
    assert table.total.cells[3] == whole.received + whole.carried_over
    assert table.rows == len(groups)
    assert sorted(line.name for line in table.lines if line.kind == "row") == sorted(g.name for g in groups)


@given(ours())
def test_the_edition_in_use_counts_as_the_reports_of_sources_are_compared(one: OurCounts):
    rule = form_of("e", date(2026, 1, 1))
    received = {f"received.{channel.value}": one.received_by.get(channel, 0) for channel in Channel}
    counted = {field.name: getattr(one.counts, field.name) for field in fields(RateCounts)} | received
    expected = {
        measure: sum(sign * counted[counter] for sign, counter in terms)
        for measure, terms in rule.measures.items()
        if measure != "received"
    }
    places = {
        "no_due": "on_time",
        "withdrawn": "on_time",
        "suspended": "open_in_time",
        "open_no_due": "open_in_time",
    }
    assert measures(one, places) == expected


def test_a_sum_that_does_not_hold_is_named_with_both_numbers():
    cells = dict.fromkeys(range(3, 14), 1)
    assert broken_sums(FORM_A, cells)[0] == "(3) = 1, (4)+(5)+(6) = 3"
    assert sums_told(FORM_A) == "(3) = (4)+(5)+(6); (7) = (8)+(9)+(10); (11) = (12)+(13); (3) = (7)+(11)"


def test_what_is_put_elsewhere_moves_from_one_column_to_another_and_changes_no_sum():
    one = OurCounts(RateCounts(received=7, withdrawn=3, no_due=2, open=2, suspended=2), {Channel.ONLINE: 7})
    usual = filled(FORM_A, [FormGroup(Level.PROVINCE, "Đất đai", one)]).total.cells
    places = MappingProxyType({**FORM_A.places, "withdrawn": 10, "suspended": 13})
    moved = filled(replace(FORM_A, places=places), [FormGroup(Level.PROVINCE, "Đất đai", one)]).total.cells
    assert [usual[at] for at in (7, 8, 9, 10, 11, 12, 13)] == [5, 0, 5, 0, 2, 2, 0]
    assert [moved[at] for at in (7, 8, 9, 10, 11, 12, 13)] == [5, 0, 2, 3, 2, 0, 2]


def test_a_level_that_was_there_without_a_dossier_is_a_block_that_says_so():
    table = filled(FORM_B, [], standing=[Level.DISTRICT, Level.PROVINCE])
    assert [(line.kind, line.number, line.name) for line in table.lines] == [
        ("empty", "I", "Sở ban ngành"),
        ("empty", "II", "Huyện, thị xã, thành phố"),
        ("total", "", "Tổng cộng"),
    ]


# ---------------------------------------------------------------- editions


def test_the_headings_are_those_of_the_form_in_their_order():
    groups = {
        "Số hồ sơ nhận giải quyết": ["Tổng số", "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", "Từ kỳ trước"],
        "Số hồ sơ đã giải quyết": ["Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn"],
        "Số hồ sơ đang giải quyết": ["Tổng số", "Trong hạn", "Quá hạn"],
    }
    for edition in (FORM_A, FORM_B):
        found: dict[str, list[str]] = {}
        for column in edition.measured:
            found.setdefault(column.groups[0], []).append(column.heading)
        assert found == groups
        assert [column.number for column in edition.columns] == list(range(1, 14))
        assert edition.verified is False


def test_the_first_day_of_the_period_chooses_the_edition_and_its_key_goes_first():
    chosen = choose_edition(load_form_editions(), "II.06a", date(2022, 1, 1), None)
    assert (chosen.form, chosen.key) == ("II.06a", "tt-01-2020")
    with pytest.raises(UsageError, match="chưa có phiên bản cho kỳ bắt đầu ngày 01/01/2019"):
        choose_edition(load_form_editions(), "II.06a", date(2019, 1, 1), None)
    assert choose_edition(load_form_editions(), "II.06a", date(2019, 1, 1), "tt-01-2020") == FORM_A
    with pytest.raises(UsageError, match="không có phiên bản 'khac'"):
        choose_edition(load_form_editions(), "II.06a", date(2022, 1, 1), "khac")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"places": {"no_due": 12, "withdrawn": 9, "suspended": 12, "open_no_due": 12}}, "no_due chỉ được"),
        ({"places": {"no_due": 9, "withdrawn": 9, "suspended": 9, "open_no_due": 12}}, "suspended chỉ được"),
        ({"places": {"no_due": 9}}, "places cần đúng"),
        ({"sums": [[3, 4, 15]]}, "không có cột"),
        ({"rows": "month"}, "rows phải"),
        ({"blocks": {"province": "Cấp tỉnh"}}, "blocks cần đủ"),
        ({"columns": [{"number": 1, "heading": "STT"}]}, "cần đủ các cột"),
    ],
)
def test_an_edition_that_could_lose_dossiers_is_refused(change: dict, told: str):
    with pytest.raises(ValueError, match=told):
        form_edition(read_table("forms.toml")["form"][0] | change)
