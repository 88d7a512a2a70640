"""The fixed parts of a workbook's archive, as texts with gaps: frame, styles, what stands before and after the rows.

Offices print on A4 on its side: all columns on each page, the header at its top and the page number below.
"""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# What a program adds to a column that is so many characters wide.
PADDING = 0.7109375

SHEET_BEGIN = (
    f'{_DECLARED}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    '<sheetViews><sheetView{selected} workbookViewId="0"><pane xSplit="2" ySplit="3" topLeftCell="C4"'
    ' activePane="bottomRight" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="13"/>'
    "<cols>{columns}</cols><sheetData>"
)
SHEET_END = (
    '</sheetData><autoFilter ref="{ref}"/>'
    '<pageMargins left="0.3" right="0.3" top="0.4" bottom="0.5" header="0.3" footer="0.25"/>'
    '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
    "<headerFooter><oddFooter>&amp;C&amp;&quot;Times New Roman,Regular&quot;&amp;9&amp;P/&amp;N</oddFooter></headerFooter>"
    "</worksheet>"
)
WORKBOOK = (
    f'{_DECLARED}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
    "<bookViews><workbookView/></bookViews><sheets>{sheets}</sheets><definedNames>{defined}</definedNames></workbook>"
)
DEFINED = (
    '<definedName name="_xlnm._FilterDatabase" localSheetId="{position}" hidden="1">{area}</definedName>'
    '<definedName name="_xlnm.Print_Titles" localSheetId="{position}">{titles}</definedName>'
)
LINKS = (
    f'{_DECLARED}<Relationships xmlns="{_PACKAGE}/relationships">{{sheets}}'
    f'<Relationship Id="rId{{styles}}" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
)
SHEET_LINK = f'<Relationship Id="rId{{number}}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{{number}}.xml"/>'
TOP_LINKS = (
    f'{_DECLARED}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
KINDS = (
    f'{_DECLARED}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/>{{sheets}}</Types>'
)
SHEET_KIND = (
    f'<Override PartName="/xl/worksheets/sheet{{number}}.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
)

_NAME = '<name val="Times New Roman"/><family val="1"/>'
_TOP = '<alignment vertical="top"/>'
_CENTRED = '<alignment horizontal="center" vertical="top"/>'
_WRAPPED = '<alignment vertical="top" wrapText="1"/>'
_CELL = 'fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1" applyAlignment="1"'


def _line(color: str) -> str:
    sides = ("left", "right", "top", "bottom")
    drawn = "".join(f'<{side} style="thin"><color rgb="{color}"/></{side}>' for side in sides)
    return f"<border>{drawn}<diagonal/></border>"


# In the order of the numbers in `sheet_xml`: plain, title, head, moment, number, text, quoted, day, share.
_LOOKS = (
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
    '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>',
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="2" xfId="0" applyFont="1" applyFill="1" applyBorder="1"'
    ' applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>',
    f'<xf numFmtId="164" {_CELL} applyNumberFormat="1">{_CENTRED}</xf>',
    f'<xf numFmtId="0" {_CELL}>{_CENTRED}</xf>',
    f'<xf numFmtId="{{text_format}}" {_CELL} applyNumberFormat="1">{_WRAPPED}</xf>',
    f'<xf numFmtId="{{text_format}}" {_CELL} applyNumberFormat="1" quotePrefix="1">{_WRAPPED}</xf>',
    f'<xf numFmtId="165" {_CELL} applyNumberFormat="1">{_CENTRED}</xf>',
    f'<xf numFmtId="0" {_CELL}>{_CENTRED}</xf>',
)
# openpyxl refuses a file without the two fills that every file has.
STYLES = (
    f'{_DECLARED}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy"/></numFmts>'
    f'<fonts count="3"><font><sz val="10"/>{_NAME}</font><font><b/><sz val="10"/>{_NAME}</font>'
    f'<font><b/><sz val="13"/>{_NAME}</font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE8EDF3"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="3"><border><left/><right/><top/><bottom/><diagonal/></border>'
    f"{_line('FFC9D1DB')}{_line('FF000000')}</borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="{len(_LOOKS)}">{"".join(_LOOKS)}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
