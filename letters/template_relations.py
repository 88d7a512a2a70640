"""What the parts of a template's package are and whom they point to. A list of what is allowed; the rest is refused."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lxml import etree

from letters.archive import BODY_PART
from letters.template_package import CONTENT_TYPES, SAVE_AGAIN

_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MAIN_TYPE = f"{_WORD_TYPE}document.main+xml"
# The last step of a relation's type.
ALLOWED = frozenset(
    [
        "officeDocument",
        "core-properties",
        "extended-properties",
        "custom-properties",
        "thumbnail",
        "styles",
        "stylesWithEffects",
        "settings",
        "webSettings",
        "fontTable",
        "theme",
        "numbering",
        "header",
        "footer",
        "footnotes",
        "endnotes",
        "image",
        "hyperlink",
        "customXml",
        "customXmlProps",
        "people",
        "glossaryDocument",
        "classificationlabels",
    ]
)
REASONS: Mapping[str, str] = {
    "vbaProject": "macro (mã lệnh VBA)",
    "wordVbaData": "macro (mã lệnh VBA)",
    "attachedTemplate": "một tệp mẫu khác (attachedTemplate)",
    "oleObject": "đối tượng nhúng (OLE)",
    "package": "một tệp được nhúng",
    "control": "thành phần ActiveX",
    "activeXControlBinary": "thành phần ActiveX",
    "aFChunk": "một văn bản được ghép vào (altChunk)",
    "subDocument": "một văn bản con",
    "frame": "khung trang web",
    "mailMergeSource": "nguồn trộn thư",
    "mailMergeHeaderSource": "nguồn trộn thư",
    "comments": "chú thích (comment); hãy xóa hết chú thích",
    "font": "phông chữ được nhúng; hãy tắt “Nhúng phông chữ trong tệp”",
}
_BAD_TYPES = (
    ("macroenabled", "Tệp là kiểu có macro (.docm); hãy lưu lại thành .docx."),
    ("vba", "Tệp có macro (mã lệnh VBA); hãy lưu lại thành .docx không macro."),
    ("activex", "Tệp có thành phần ActiveX."),
    ("oleobject", "Tệp có đối tượng nhúng (OLE)."),
)
_SAFE_SCHEMES = ("http://", "https://", "mailto:")


def faults_of_types(trees: Mapping[str, Any]) -> Iterator[str]:
    """Is the package a Word document, and are its parts declared as what they may be?"""
    main = ""
    for entry in trees[CONTENT_TYPES].iter(etree.Element):
        kind = entry.get("ContentType", "")
        if entry.get("PartName", "").lower() == f"/{BODY_PART}":
            main = kind
        yield from (told for bad, told in _BAD_TYPES if bad in kind.lower())
    if main != MAIN_TYPE and "macroenabled" not in main.lower():
        yield f"Tệp không phải văn bản Word thường (.docx), có thể là tệp mẫu .dotx; {SAVE_AGAIN}."


def faults_of_relations(members: Mapping[str, bytes], trees: Mapping[str, Any]) -> Iterator[str]:
    """Relations of a kind that is not allowed, that leave the package, or that lead to nothing."""
    for name, relation in _relations(trees):
        kind = relation.get("Type", "").rpartition("/")[2]
        target = relation.get("Target", "")
        if kind not in ALLOWED:
            yield f"Tệp có {REASONS.get(kind, f'thành phần lạ ({kind[:40]})')}."
        elif _is_external(relation):
            if kind != "hyperlink" or not target.lower().startswith(_SAFE_SCHEMES):
                yield f"Tệp trỏ ra bên ngoài ({kind}: {target[:60]}); hãy chèn thẳng vào tệp."
        elif not target.startswith("#") and _resolved(name, target) not in members:
            yield f"Tệp thiếu thành phần {target[:60]}; {SAVE_AGAIN}."
        elif kind == "officeDocument" and _resolved(name, target) != BODY_PART:
            yield f"Văn bản chính không nằm ở {BODY_PART}; {SAVE_AGAIN}."


def warnings_of_relations(trees: Mapping[str, Any]) -> Iterator[str]:
    """Links that stay in every letter."""
    for _, relation in _relations(trees):
        if _is_external(relation):
            yield f"Mẫu có liên kết tới {relation.get('Target', '')[:80]}; liên kết này nằm trong mọi thư."


def _relations(trees: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, tree in trees.items():
        if name.endswith(".rels"):
            yield from ((name, relation) for relation in tree.iter("{*}Relationship"))


def _is_external(relation: Any) -> bool:
    target = relation.get("Target", "")
    return relation.get("TargetMode", "Internal") != "Internal" or "://" in target or "\\" in target


def _resolved(relations: str, target: str) -> str:
    """The member that a relation leads to; `word/_rels/document.xml.rels` belongs to the folder `word`."""
    folder = posixpath.dirname(posixpath.dirname(relations))
    path = posixpath.normpath(posixpath.join("/", folder, unquote(target)))
    return path.lstrip("/")
