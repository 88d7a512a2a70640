"""The placeholders of an office's own template: which there are, what each stands for, and its value in a letter. Pure.

A placeholder is a name in double braces, `{{ma_ho_so}}`: text is put in its place and nothing else happens.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from letters.content import LetterContent, LetterFacts, addressee_of, clean, in_words, wording_values
from letters.forms import PARAGRAPH, LetterForms
from letters.issuer import NO_BREAK
from letters.obligations import PROMISING, LetterKind

ALL = frozenset(LetterKind)
ENDED = ALL - PROMISING
NEVER: frozenset[LetterKind] = frozenset()

# Every placeholder with its lines; one line, or none where the value is missing, unless it is a block.
TemplateValues = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that a template may hold.

    `certain`: the kinds of letter in which it always has a value. `required`: those whose template must hold it.
    A block stands alone in its paragraph, which is repeated for each of its lines. What is `in_body` need not be
    named where `noi_dung` is.
    """

    name: str
    meaning: str
    sample: tuple[str, ...]
    certain: frozenset[LetterKind] = ALL
    required: frozenset[LetterKind] = NEVER
    is_block: bool = False
    in_body: bool = False


BODY = "noi_dung"
PLACEHOLDERS = (
    Placeholder(
        "dau_chu_quan",
        "Tên cơ quan chủ quản, chữ in hoa, chia dòng như đầu văn bản",
        ("UBND TỈNH ĐẮK LẮK",),
        certain=NEVER,
        is_block=True,
    ),
    Placeholder(
        "dau_co_quan",
        "Tên cơ quan ban hành, chữ in hoa, chia dòng như đầu văn bản",
        ("SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"),
        is_block=True,
    ),
    Placeholder("co_quan_chu_quan", "Tên cơ quan chủ quản, một dòng", ("UBND tỉnh Đắk Lắk",), certain=NEVER),
    Placeholder("ten_co_quan", "Tên cơ quan ban hành, một dòng", ("Sở Nông nghiệp và Môi trường",)),
    Placeholder("so_ky_hieu", "Chỗ trống của số và ký hiệu, viết sau “Số:”", (f"{NO_BREAK * 8}/PXL-SNNMT",)),
    Placeholder(
        "dia_danh_ngay",
        "Địa danh và ngày tháng năm; ngày, tháng để trống đến khi ban hành",
        ("Đắk Lắk, ngày      tháng      năm 20…",),
    ),
    Placeholder("ten_van_ban", "Tên văn bản theo mẫu của ngày ký", ("PHIẾU XIN LỖI",)),
    Placeholder("trich_yeu", "Trích yếu, nếu mẫu có", ("Về việc chậm trả kết quả",), certain=NEVER),
    Placeholder("kinh_gui", "Người nhận, viết sau “Kính gửi:”", ("Ông/Bà Nguyễn Thị Mẫu",), required=ALL),
    Placeholder("dia_chi", "Địa chỉ người nhận, nếu có", ("Thôn 3, xã Ea Mẫu",), certain=NEVER),
    Placeholder(
        BODY,
        "Toàn bộ nội dung theo lời văn của mẫu, mỗi ý một đoạn",
        ("Ngày 24 tháng 5 năm 2022, Bộ phận Một cửa tiếp nhận hồ sơ.", "Lý do: Chờ xác minh thực địa."),
        is_block=True,
    ),
    Placeholder(
        "thoi_han",
        "Câu nói ngày hẹn trả hoặc thời hạn theo quy định; thêm một đoạn nếu cơ quan trước đây đã sáp nhập",
        ("Thời gian hẹn trả kết quả giải quyết hồ sơ: ngày 14 tháng 6 năm 2022.",),
        is_block=True,
        in_body=True,
    ),
    Placeholder("ly_do", "Lý do chậm", ("Chờ xác minh thực địa",), required=ALL, in_body=True),
    Placeholder("ma_ho_so", "Mã hồ sơ", ("H15.18-220524-0012",), required=ALL, in_body=True),
    Placeholder(
        "ten_ho_so",
        "Hồ sơ viết thành lời, gồm thủ tục và lĩnh vực",
        ("hồ sơ thủ tục hành chính “Mẫu” (lĩnh vực Đất đai)",),
        in_body=True,
    ),
    Placeholder("thu_tuc", "Tên thủ tục hành chính, nếu có", ("Đăng ký biến động",), certain=NEVER),
    Placeholder("linh_vuc", "Lĩnh vực, nếu có", ("Đất đai",), certain=NEVER),
    Placeholder("ngay_tiep_nhan", "Ngày tiếp nhận viết thành lời", ("ngày 24 tháng 5 năm 2022",)),
    Placeholder(
        "ngay_tiep_nhan_dau_cau", "Ngày tiếp nhận ở đầu câu, chữ N viết hoa", ("Ngày 24 tháng 5 năm 2022",)
    ),
    Placeholder("noi_tiep_nhan", "Nơi tiếp nhận hồ sơ", ("Bộ phận Một cửa",)),
    Placeholder("ngay_hen", "Ngày hẹn trả viết thành lời", ("ngày 14 tháng 6 năm 2022",)),
    Placeholder(
        "ngay_giai_quyet",
        "Ngày giải quyết xong hoặc ngày từ chối; chỉ có ở thư viết sau khi xong",
        ("ngày 05 tháng 7 năm 2022",),
        certain=ENDED,
    ),
    Placeholder(
        "ngay_hen_moi",
        "Ngày hẹn trả mới; chỉ có ở thư viết khi hồ sơ chưa xong",
        ("ngày 03 tháng 02 năm 2023",),
        certain=PROMISING,
        required=PROMISING,
        in_body=True,
    ),
    Placeholder("xung_ho", "Cách xưng hô với người nhận trong câu", ("Ông/Bà",)),
    Placeholder(
        "co_quan_truoc", "Cơ quan giải quyết trước khi sáp nhập, nếu có", ("Phòng cũ",), certain=NEVER
    ),
    Placeholder(
        "chuc_danh_ky",
        "Quyền hạn và chức danh người ký, chữ in hoa",
        ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
        is_block=True,
    ),
    Placeholder("ho_ten_ky", "Họ tên người ký, nếu đã biết", ("Lê Văn Ví Dụ",), certain=NEVER),
    Placeholder(
        "noi_nhan",
        "Danh sách nơi nhận, mỗi nơi một dòng",
        ("- Như trên;", "- Bộ phận Một cửa;", "- Lưu: VT."),
        is_block=True,
    ),
    Placeholder("ma_tra_cuu", "Mã tra cứu, để người dân kiểm tra thư", ("7KQ2-M9XD-4TRA",), required=ALL),
)
BY_NAME: Mapping[str, Placeholder] = {placeholder.name: placeholder for placeholder in PLACEHOLDERS}
# The placeholders of the forms' wordings (data/letter_forms.toml) by the names that offices use.
OF_WORDING: Mapping[str, str] = {
    "received": "ngay_tiep_nhan",
    "received_cap": "ngay_tiep_nhan_dau_cau",
    "receiver": "noi_tiep_nhan",
    "dossier": "ten_ho_so",
    "code": "ma_ho_so",
    "you": "xung_ho",
    "unit": "ten_co_quan",
    "due_line": "thoi_han",
    "due": "ngay_hen",
    "ended": "ngay_giai_quyet",
    "new_due": "ngay_hen_moi",
    "reason": "ly_do",
}


def values_of(facts: LetterFacts, content: LetterContent, forms: LetterForms) -> TemplateValues:
    """The value of every placeholder in a letter; `content` is what `content.write` made of `facts`.

    Raises:
        ValueError: facts without an issuer, of which no content can have been written.
    """
    if facts.issuer is None:
        raise ValueError("a letter that was written has an issuer")
    words = wording_values(facts, facts.issuer, forms)
    lines = {
        "dau_chu_quan": content.head.parent,
        "dau_co_quan": content.head.issuer,
        BODY: content.body,
        "thoi_han": tuple(words["due_line"].split(PARAGRAPH)),
        "chuc_danh_ky": content.signer,
        "noi_nhan": content.recipients,
    }
    texts = {
        "co_quan_chu_quan": clean(facts.issuer.parent) if content.head.parent else "",
        "so_ky_hieu": content.head.number.removeprefix("Số:"),
        "dia_danh_ngay": content.head.place,
        "ten_van_ban": content.title,
        "trich_yeu": content.subject,
        "kinh_gui": addressee_of(facts),
        "dia_chi": clean(facts.address),
        "thu_tuc": clean(facts.procedure),
        "linh_vuc": clean(facts.field),
        "ngay_giai_quyet": in_words(facts.ended_on),
        "ngay_hen_moi": in_words(facts.new_due_on),
        "co_quan_truoc": clean(facts.predecessor),
        "ho_ten_ky": content.signer_name,
        "ma_tra_cuu": facts.short_code,
    }
    texts |= {name: words[word] for word, name in OF_WORDING.items() if name not in texts | lines}
    return lines | {name: (text,) if text else () for name, text in texts.items()}


def samples(kind: LetterKind, *, is_full: bool) -> TemplateValues:
    """Values to try a template with: all that a letter of a kind may have, or only what it always has."""
    chosen = {entry.name: entry.sample for entry in PLACEHOLDERS if is_full or kind in entry.certain}
    impossible = PROMISING if kind in ENDED else ENDED
    return {
        entry.name: () if entry.certain == impossible else chosen.get(entry.name, ())
        for entry in PLACEHOLDERS
    }


def nearest(name: str) -> str:
    """The placeholder that an unknown name is most like; "" if it is like none."""
    plain = _without_marks(name)
    found = difflib.get_close_matches(plain, BY_NAME, n=1, cutoff=0.6)
    return found[0] if found else ""


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
