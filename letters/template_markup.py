"""The markup of a template: parsed without entities or network, and refused where it would fetch, run or be uncertain.

`trees` parses; `faults_of_tree` looks at one part. The package around it is looked at in `letters.template_relations`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from letters.template_package import SAVE_AGAIN, is_xml

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
# `<!` but for comments and CDATA: a DOCTYPE and what stands in one. Refused before any parser sees it.
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")

FIELDS = (
    "PAGE",
    "NUMPAGES",
)  # all others fetch, run, or print what nobody approved (today's date, a file's name)
_TRACKED = {"ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "delText", "delInstrText"}
_REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("altChunk", "subDoc"), "ghép một văn bản khác vào (altChunk, subDoc)"),
    **dict.fromkeys(("object", "OLEObject", "control", "movie", "contentPart"), "có đối tượng nhúng hoặc ActiveX"),
    "dataBinding": "có ô nhập gắn với dữ liệu (data binding); hãy thay bằng chữ thường",
    **dict.fromkeys(("entryMacro", "exitMacro"), "có biểu mẫu gọi macro"),
    **dict.fromkeys(("mailMerge", "dataSource", "query"), "nối với nguồn trộn thư; hãy chuyển về văn bản thường"),
    "attachedTemplate": "nối với một tệp mẫu khác (attachedTemplate)",
    **dict.fromkeys(("saveThroughXslt", "attachedSchema"), "nối với một tệp biến đổi khác"),
    **dict.fromkeys(("frameset", "sourceFileName"), "có khung trang web"),
    **dict.fromkeys(
        ("commentRangeStart", "commentRangeEnd", "commentReference", "comment"),
        "còn chú thích (comment); hãy xóa hết chú thích",
    ),
}  # fmt: skip
_LINKING = {"src", "href", "althref", "dirtyhref", "target", "link", "action", "macro", "onclick"}
_ADDRESS = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|//|\\\\)", re.IGNORECASE)


def named(name: str) -> str:
    """A name of WordprocessingML as the tree has it."""
    return f"{{{WORD}}}{name}"


def trees(members: Mapping[str, bytes]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Every XML member parsed, and the faults of those that cannot be."""
    found: dict[str, Any] = {}
    faults: list[str] = []
    for name, body in members.items():
        if not is_xml(name):
            continue
        if fault := _fault_of_bytes(body):
            faults.append(f"{name}: {fault}")
            continue
        try:
            found[name] = parsed(body)
        except etree.XMLSyntaxError:
            faults.append(f"{name}: XML hỏng hoặc quá sâu; {SAVE_AGAIN}.")
    return found, tuple(faults)


def parsed(body: bytes) -> Any:
    """One part as a tree. No entity is resolved, nothing fetched; libxml2's limits of depth and length hold."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    return etree.fromstring(body, parser)


def _fault_of_bytes(body: bytes) -> str:
    encoding = _ENCODING.match(body.removeprefix(b"\xef\xbb\xbf"))
    is_utf8 = not encoding or encoding[1].lower() in (b"utf-8", b"us-ascii")
    # A parser tells UTF-16 and EBCDIC by the first bytes; the patterns below would see nothing there.
    is_plain = body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and b"\x00" not in body
    if not is_utf8 or not is_plain:
        return f"không viết bằng UTF-8; {SAVE_AGAIN}."
    if _DECLARATION.search(body):
        return "có khai báo DOCTYPE hoặc thực thể (ENTITY), cách của tệp phá hoại."
    return ""


def faults_of_tree(name: str, tree: Any) -> Iterator[str]:
    """What in one part of the document would fetch, run, or leave its text uncertain."""
    if etree.QName(tree).namespace == STRICT:  # other names for everything: no rule below would hold
        yield "Tệp lưu kiểu Strict Open XML; hãy lưu lại thành “Word Document (.docx)”."
        return
    # Word itself writes them into custom XML, which is not printed; in the text they would be ours (template_pattern).
    if tree.tag.startswith(f"{{{WORD}}}") and next(tree.iter(etree.ProcessingInstruction), None) is not None:
        yield f"{name}: có lệnh xử lý (processing instruction); {SAVE_AGAIN}."
    for element in tree.iter(etree.Element):
        space, _, tag = element.tag.rpartition("}")
        if space == f"{{{WORD}" and (tag in _TRACKED or tag.endswith("Change")):
            yield "Tệp còn sửa đổi được theo dõi (Track Changes); hãy chấp nhận hoặc bỏ hết rồi lưu lại."
        elif tag in _REFUSED:
            yield f"{name}: {_REFUSED[tag]}."
        for key, value in element.attrib.items():
            if key.rpartition("}")[2].lower() in _LINKING and _ADDRESS.match(value):
                yield f"{name}: trỏ tới địa chỉ bên ngoài ({value[:60]})."
    yield from _faults_of_fields(name, tree)


def _faults_of_fields(name: str, tree: Any) -> Iterator[str]:
    """Simple fields, and complex ones, whose instruction may be split over runs and paragraphs."""
    instructions: list[str] = []
    for element in tree.iter(named("fldSimple"), named("fldChar"), named("instrText")):
        if element.tag == named("fldSimple"):
            yield from _fault_of_field(name, element.get(named("instr"), ""))
        elif element.tag == named("instrText"):
            if not instructions:
                yield f"{name}: mã trường nằm ngoài trường."
            else:
                instructions[-1] += element.text or ""
        elif element.get(named("fldCharType")) == "begin":
            instructions.append("")
        elif instructions and element.get(named("fldCharType")) == "end":
            yield from _fault_of_field(name, instructions.pop())
    if instructions:
        yield f"{name}: trường không đóng."


def _fault_of_field(name: str, instruction: str) -> Iterator[str]:
    kind, *switches = instruction.split() or [""]
    if kind.upper() not in FIELDS or any(
        word in "".join(switches).upper() for word in ("{", "HTTP", "FILE:")
    ):
        yield (
            f"{name}: có trường {kind.upper()[:30] or 'không tên'}; mẫu chỉ được dùng trường {' và '.join(FIELDS)}."
        )
