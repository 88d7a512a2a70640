"""The empty package a letter starts from: fonts, paper, page number. Four styles instead of the 788 KB of the default.

Plain text; `letters.render` opens it with python-docx and adds the blocks of the letter.
"""

import io
import zipfile
from functools import cache

from letters import layout
from letters.layout import Paper, Sheet

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = ("styles", "settings", "header1")


def _twips(millimetres: float) -> int:
    return round(millimetres * layout.TWIPS_A_MM)


def _half_points(points: float) -> int:
    return round(points * 2)


def _content_types() -> str:
    kinds = {"document": "document.main", "styles": "styles", "settings": "settings", "header1": "header"}
    parts = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_MIME}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _styles(sheet: Sheet) -> str:
    font = layout.FONT
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:cs="{font}" w:eastAsia="{font}"/>'
    size = _half_points(sheet.points(layout.BODY.size))
    run = (
        f'<w:rPr>{fonts}<w:color w:val="000000"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        f'<w:lang w:val="{layout.LANGUAGE}" w:eastAsia="{layout.LANGUAGE}"/></w:rPr>'
    )
    return (
        f'<w:styles xmlns:w="{_WORD}"><w:docDefaults><w:rPrDefault>{run}</w:rPrDefault><w:pPrDefault><w:pPr>'
        '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        f'<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>{run}</w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        "</w:style></w:styles>"
    )


def _settings() -> str:
    return (
        f'<w:settings xmlns:w="{_WORD}"><w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
    )


def _page_number(sheet: Sheet) -> str:
    size = _half_points(sheet.points(layout.PAGE_NUMBER.size))
    look = f'<w:rPr><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    return (
        f'<w:hdr xmlns:w="{_WORD}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>'
        f'<w:fldSimple w:instr=" PAGE "><w:r>{look}<w:t>2</w:t></w:r></w:fldSimple></w:p></w:hdr>'
    )


def _document(sheet: Sheet) -> str:
    top, right, bottom, left = map(_twips, (sheet.top, sheet.right, sheet.bottom, sheet.left))
    # titlePg without a first-page header: no number on page 1 (NĐ 30 phụ lục I, I.7).
    return (
        f'<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body><w:sectPr>'
        '<w:headerReference w:type="default" r:id="rId3"/>'
        f'<w:pgSz w:w="{_twips(sheet.width)}" w:h="{_twips(sheet.height)}"/>'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
        f'w:header="{_twips(sheet.page_number_from_top)}" w:footer="{_twips(sheet.page_number_from_top)}" w:gutter="0"/>'
        "<w:titlePg/></w:sectPr></w:body></w:document>"
    )


@cache
def skeleton(paper: Paper = Paper.A4) -> bytes:
    """The package as a .docx without text."""
    sheet = layout.SHEETS[paper]
    own = {f"rId{number}": (part.rstrip("1"), f"{part}.xml") for number, part in enumerate(_PARTS, 1)}
    members = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
        "word/_rels/document.xml.rels": _relations(own),
        "word/document.xml": _document(sheet),
        "word/styles.xml": _styles(sheet),
        "word/settings.xml": _settings(),
        "word/header1.xml": _page_number(sheet),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, _HEAD + text)
    return packed.getvalue()
