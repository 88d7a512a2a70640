"""What kind of department a name is: the shipped table on names as sources write them, by day, and its faults in words."""

from datetime import date
from pathlib import Path

import pytest

from tracker.config_data import load_step_kinds
from tracker.errors import ConfigurationError
from tracker.measures.step_kinds import StepKindRow, StepKinds
from tracker.types.causes import StepKind

DAY = date(2022, 8, 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Bộ phận Một cửa UBND huyện Krông Pắc", StepKind.DESK),
        ("BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ thành phố Buôn Ma Thuột", StepKind.DESK),
        ("Trung tâm Phục vụ hành chính công tỉnh Đắk Lắk", StepKind.DESK),
        ("Bộ phận một cửa UBND xã Ea Tu", StepKind.DESK),
        ("Chi nhánh Văn phòng Đăng ký đất đai huyện Ea Kar", StepKind.BRANCH),
        ("CN VPĐKĐĐ Buôn Hồ", StepKind.BRANCH),
        ("UBND xã Ea Tam, huyện Krông Năng", StepKind.COMMUNE),
        ("Ủy ban nhân dân phường Tân Lập", StepKind.COMMUNE),
        ("UBND thị trấn Phước An", StepKind.COMMUNE),
        ("Chi cục Thuế khu vực Buôn Hồ - Buôn Ma Thuột", StepKind.TAX),
        ("Thuế cơ sở 1 tỉnh Đắk Lắk", StepKind.TAX),
        ("Đội đo đạc địa chính Buôn Ma Thuột", StepKind.CADASTRE),
        ("Đội Đo đạc - Chi nhánh VPĐKĐĐ Cư M'gar", StepKind.CADASTRE),
        ("Sở Tư pháp tỉnh Đắk Lắk", StepKind.OTHER),
        ("UBND thị xã Buôn Hồ", StepKind.OTHER),  # a town of a district, no commune
        ("Phòng Tài nguyên và Môi trường", StepKind.OTHER),
        ("Sở Lao động - Thương binh và Xã hội", StepKind.OTHER),  # "xã hội" is no commune
        ("Trung tâm cho thuê nhà", StepKind.OTHER),  # nor is letting a tax
        ("Chi cuc Thue khu vuc Buon Ho", StepKind.TAX),
        ("", StepKind.OTHER),
    ],
)
def test_the_shipped_table_knows_names_as_sources_write_them(name: str, kind: StepKind) -> None:
    assert load_step_kinds().of(name, DAY) is kind


def test_words_are_whole_words() -> None:
    kinds = StepKinds([StepKindRow(StepKind.TAX, ("thuế",), "thử")])
    assert (kinds.of("Đội Thuế số 2", DAY), kinds.of("Phòng cho thuếmướn", DAY)) == (
        StepKind.TAX,
        StepKind.OTHER,
    )


def test_a_row_holds_on_its_days_and_the_first_that_fits_decides() -> None:
    kinds = StepKinds(
        [
            StepKindRow(StepKind.DESK, ("trung tâm",), "thử", date(2025, 7, 1)),
            StepKindRow(StepKind.OTHER, ("trung tâm",), "thử", None, date(2025, 6, 30)),
            StepKindRow(StepKind.TAX, ("trung tâm",), "thử"),
        ]
    )
    days = (date(2025, 6, 30), date(2025, 7, 1))
    assert [kinds.of("Trung tâm", day) for day in days] == [StepKind.OTHER, StepKind.DESK]


@pytest.mark.parametrize(
    "text",
    [
        '[[kind]]\nkind = "bank"\nwords = ["x"]\nsource = "s"',
        '[[kind]]\nkind = "tax"\nwords = []\nsource = "s"',
        '[[kind]]\nkind = "tax"',
    ],
)
def test_a_faulty_table_is_told_by_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "loai.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"loai\.toml"):
        load_step_kinds(path)
