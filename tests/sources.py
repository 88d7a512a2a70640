"""Sample files of every source and layout, as other systems write them; every dossier and person in them is made up.

`LISTS` and `TOTALS` hold rows of text by layout (`docs/sources.md`); the functions below write rows as the kinds of file that
are met under the name of a spreadsheet, in the encodings that are met.
"""

import csv
import io
import quopri
import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import docx

Rows = Sequence[Sequence[str]]
UNIT = "UBND xã Ea Bịa"
PERIOD = ["Từ ngày 01/03/2026 đến ngày 31/03/2026"]


def code(number: int) -> str:
    """The code of a sample dossier."""
    return f"H15.03-260302-{number:04d}"


RECEIVED, DUE, FINISHED, RETURNED = (
    "02/03/2026 08:30:00",
    "16/03/2026 17:00:00",
    "10/03/2026 09:00:00",
    "11/03/2026 14:00:00",
)

LISTS: Mapping[str, Rows] = {
    "a": [
        ["SỔ THEO DÕI TÌNH HÌNH TIẾP NHẬN HỒ SƠ"], PERIOD, ["Trạng thái: Tất cả"],
        ["STT", "Mã hồ sơ", "Nội dung hồ sơ", "Số lượng (bộ)", "Họ tên chủ hồ sơ", "Địa chỉ chủ hồ sơ", "Số điện thoại",
         "Ngày, tháng, năm", "", "Trả kết quả", "", "", "Người nhận hồ sơ", "Địa bàn phát sinh hồ sơ", "Ghi chú"],
        [""] * 7 + ["Nhận hồ sơ", "Hẹn trả kết quả", "Ngày nhận kết quả", "Bên giao", "Bên nhận", "", "", ""],
        [f"({n})" for n in range(1, 16)],
        ["1", code(1), "Đăng ký biến động", "1", "Nguyễn Văn Bịa", "Thôn 1", "0100123456", RECEIVED, DUE, RETURNED,
         "Bên A", "Bên B", "Trần Thị Ảo", "Ea Bịa", "gấp"],
    ],
    "b": [
        ["PHỤ LỤC I"], ["DANH SÁCH ĐƠN VỊ, CÁ NHÂN CHẬM TRỄ"],
        ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày có kết quả", "Đơn vị giải quyết", "Ghi chú"],
        [f"{UNIT}: 1 hồ sơ", "", "", "", "", "", ""],
        ["1", code(1), "02/03/2026", "16/03/2026", "20/03/2026", "", "chờ ý kiến"],
        ["Tổng cộng", "1", "", "", "", "", ""],
    ],
    "c": [
        ["PHỤ LỤC II"],
        ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Đơn vị giải quyết", "Cán bộ đang xử lý", "Ghi chú"],
        ["1", code(1), "02/03/2026", "16/03/2026", UNIT, "Lê Hư Cấu", ""],
    ],
    "d": [
        ["THỐNG KÊ HỒ SƠ TIẾP NHẬN QUÁ HẠN"], PERIOD,
        ["STT", "Đơn vị tiếp nhận", "Người tiếp nhận", "Tên thủ tục hành chính", "Mã hồ sơ", "Trạng thái", "Địa chỉ",
         "Chủ hồ sơ", "Ngày nộp hồ sơ", "Ngày nhận"],
        ["1", UNIT, "Trần Thị Ảo", "Đăng ký khai sinh", code(1), "Đang xử lý", "Thôn 1", "Nguyễn Văn Bịa",
         "27/02/2026 20:00:00", RECEIVED],
    ],
    "j": [
        ["SỔ TIẾP NHẬN VÀ TRẢ KẾT QUẢ", "", "Từ ngày: 01/03/2026", "Đến ngày: 31/03/2026"],
        ["TT", "Họ tên, địa chỉ người nộp hồ sơ", "Nội dung công việc cần giải quyết", "Người có trách nhiệm giải quyết",
         "Ngày nhận hồ sơ", "Ngày hẹn trả hồ sơ", "Ngày ký hồ sơ", "Người ký hồ sơ", "Ngày trả thực tế",
         "Ngày tổ chức, công dân ký nhận lại hồ sơ"],
        ["1", "Nguyễn Văn Bịa, thôn 1", "Cấp phép xây dựng", UNIT, "02/03/2026", "16/03/2026", "10/03/2026", "Ông Ảo",
         "11/03/2026", "11/03/2026"],
        ["2", "Nguyễn Văn Bịa, thôn 1", "Cấp phép xây dựng", UNIT, "02/03/2026", "16/03/2026", "", "", "", ""],
        ["3", "Trần Thị Ảo, thôn 2", "Cấp phép xây dựng", UNIT, "03/03/2026", "17/03/2026", "", "", "", ""],
    ],
    "k": [
        ["DANH SÁCH HỒ SƠ ĐÃ TRẢ"],
        ["TT", "Mã hồ sơ", "Người nộp", "Địa chỉ", "Số[br]điện thoại", "Ngày[br]tiếp nhận", "Ngày[br]hẹn trả",
         "Trả[br]sớm hạn", "Trả[br]đúng hạn", "Trả[br]quá hạn", "Ngày bàn giao[br]về MC", "Ngày[br]trả thực tế"],
        ["1", code(1), "Nguyễn Văn Bịa", "Thôn 1", "0100123456", "2026-03-02 08:30", "2026-03-16 17:00", "4", "-", "-",
         "2026-03-10 09:00", "2026-03-11 14:00"],
    ],
    "l": [
        ["DocCode", "DocTypeName", "Amount", "CitizenName", "Address", "Department", "DateCreated", "DateAppointed",
         "DateResult", "DateFinished", "DateReturned"],
        [code(1), "Đăng ký khai sinh", "1", "Nguyễn Văn Bịa", "Thôn 1", UNIT, "08:30 02/03/2026", "17:00 16/03/2026",
         "09:00 10/03/2026", "23:00 30/03/2026", "14:00 11/03/2026"],
    ],
    "m": [
        *[["CHI NHÁNH VĂN PHÒNG ĐĂNG KÝ"]] * 6,
        ["STT", "Mã Hồ Sơ", "Chủ Sử Dụng", "Xã / Phường", "Tờ", "Thửa", "Loại Hồ Sơ", "Ngày Nhận", "Hẹn Trả", "Trạng Thái",
         "Ngày Giao NV", "NV Xử Lý", "Ngày Trình KT", "Người KT", "Hoàn Thành", "Đợt", "Ngày Trả KQ", "Số Tiền", "Ghi Chú"],
        ["1", code(1), "Trần Thị Ảo", "Ea Bịa", "12", "34", "Chuyển nhượng", RECEIVED, DUE, "Đã trả kết quả",
         "03/03/2026", "Lê Hư Cấu", "09/03/2026", "Ông Ảo", FINISHED, "1", RETURNED, "100000", ""],
    ],
    "m, columns without values left out": [
        ["STT", "Mã Hồ Sơ", "Chủ Sử Dụng", "Ngày Nhận", "Trạng Thái"],
        ["1", code(1), "Trần Thị Ảo", RECEIVED, "Đang xử lý"],
    ],
    "m, extensions": [
        ["STT", "Mã Hồ Sơ", "Chủ Sử Dụng", "Ngày Nhận", "Hẹn Trả", "Thời Hạn Cũ", "Thời Hạn Mới", "Ghi Chú / Lý Do Gia Hạn"],
        ["1", code(1), "Trần Thị Ảo", RECEIVED, "16/03/2026", "16/03/2026", "23/03/2026", "đo đạc lại"],
    ],
    "n, exch_hosomotcua": [
        ["MaSoHoSo", "MaLoaiHoSo", "MaDonViTiepNhan", "NgayNopHoSo", "NgayHenTra"],
        [code(1), "1.009999", "H15.18", "02/03/2026", "16/03/2026"],
    ],
    "n, exch_trangthaihoso": [
        ["MaSoHoSo", "NgayHenTra", "NgayGioLuanChuyen", "SoGioYeuCauXuLy", "SoGioThucHien", "TrangThaiHienTai",
         "TrangThaiKeTiep"],
        [code(1), "16/03/2026", "05/03/2026 10:00:00", "16", "8", "3", "17"],
    ],
    "n, exch_ketquahoso": [
        ["MaSoHoSo", "NgayNhanKetQua", "NgayHoanThanh"],
        [code(1), "11/03/2026", "10/03/2026"],
    ],
    "our own names": [
        ["dossier_code", "received_at", "due_at", "resolving_unit"],
        [code(1), "2026-03-02T08:30:00", "2026-03-16T17:00:00", UNIT],
    ],
}  # fmt: skip

FORM_06A = [
    ["Biểu số II.06a/VPCP/KSTT"], PERIOD,
    ["STT", "Đơn vị", "Số hồ sơ nhận giải quyết", "", "", "", "Số hồ sơ đã giải quyết", "", "", "",
     "Số lượng hồ sơ đang giải quyết", "", ""],
    ["", "", "Tổng số", "Trong đó", "", "", "Tổng số", "Trong đó", "", "", "Tổng số", "Trong đó", ""],
    ["", "", "", "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", "Từ kỳ trước", "", "Trước hạn", "Đúng hạn", "Quá hạn", "",
     "Trong hạn", "Quá hạn"],
    ["(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)", "(11)=(12)+(13)",
     "(12)", "(13)"],
    ["1", "Sở Bịa", "1.200", "700", "400", "100", "1.100", "600", "480", "20", "100", "95", "5"],
    ["2", UNIT, "12", "7", "4", "1", "11", "6", "4", "1", "1", "1", "-"],
    ["", "Tổng cộng", "1.212", "707", "404", "101", "1.111", "606", "484", "21", "101", "96", "5"],
    ["", "", "", "", "", "", "", "", "", "", "NGƯỜI LẬP BIỂU", "", ""],
]  # fmt: skip
FIGURES_06A = {
    "total": 1200, "received": 1100, "received_online": 700, "received_direct": 400, "carried_over": 100, "finished": 1100,
    "early": 600, "on_time": 480, "late": 20, "open": 100, "open_in_time": 95, "open_late": 5,
}  # fmt: skip

TOTALS: Mapping[str, tuple[Rows, Mapping[str, int]]] = {
    "e": (FORM_06A, FIGURES_06A),
    "f": (
        [
            ["STT", "Lĩnh vực", "Tiếp nhận", "", "", "", "", "Đã xử lý", "", "", "", "", "Đang xử lý", "", "", "Bổ sung",
             "Dừng xử lý", "Yêu cầu thực hiện nghĩa vụ tài chính", "Trả lại/ Rút HS"],
            ["", "", "Tổng số", "Kỳ trước", "Trong kỳ", "Qua mạng", "Qua BCCI", "Tổng số", "Trước hạn", "Đúng hạn",
             "Quá hạn", "Tỷ lệ trước hạn, đúng hạn", "Tổng số", "Trong hạn", "Quá hạn", "", "", "", ""],
            ["1", "Đất đai", "12", "2", "10", "6", "1", "9", "5", "3", "1", "88,9%", "3", "2", "1", "1", "2", "3", "4"],
        ],
        {"total": 12, "carried_over": 2, "received": 10, "received_online": 6, "received_postal": 1, "finished": 9,
         "early": 5, "on_time": 3, "late": 1, "open": 3, "open_in_time": 2, "open_late": 1, "suspended": 6, "withdrawn": 4},
    ),
    "g": (
        [
            ["Đơn vị", "Tiếp nhận", "", "", "Đã xử lý", "", "", "Đang xử lý", "Tạm dừng xử lý", "Trực tuyến", "Trực tiếp",
             "BCCI"],
            ["", "Tổng số", "Kỳ trước chuyển sang", "Trong kỳ", "Trước hạn", "Trong hạn", "Quá hạn", "", "", "", "", ""],
            [UNIT, "12", "2", "10", "5", "3", "1", "3", "1", "6", "3", "1"],
        ],
        {"total": 12, "carried_over": 2, "received": 10, "finished": 9, "early": 5, "on_time": 3, "late": 1, "open": 3,
         "suspended": 1, "received_online": 6, "received_direct": 3, "received_postal": 1},
    ),
    "h": (
        [
            ["STT", "Đơn vị", "Nhận giải quyết", "", "", "", "", "Kết quả giải quyết", "", "", "", "", "", "",
             "Đang giải quyết", "", "", "Tạm dừng bổ sung điều kiện", "Rút không giải quyết", "Tỉ lệ sớm và đúng hạn"],
            ["", "", "Tổng số", "Tồn trước", "Nhận trong kỳ", "", "", "Tổng số", "Tình hình thực hiện", "", "",
             "Từ chối giải quyết", "Trả kết quả", "", "Tổng số", "Còn hạn", "Quá hạn", "", "", ""],
            ["", "", "", "", "Tổng số", "Một cửa", "Trực tuyến", "", "Trước hạn", "Đúng hạn", "Quá hạn", "", "Đã trả",
             "Chưa trả", "", "", "", "", "", ""],
            ["1", UNIT, "12", "2", "10", "4", "6", "9", "5", "3", "1", "0", "8", "1", "3", "2", "1", "1", "0", "88"],
        ],
        {"total": 12, "carried_over": 2, "received": 10, "received_direct": 4, "received_online": 6, "finished": 9,
         "early": 5, "on_time": 3, "late": 1, "refused": 0, "returned": 8, "open": 3, "open_in_time": 2, "open_late": 1,
         "suspended": 1, "withdrawn": 0},
    ),
    "i": (
        [
            ["Madonvi", "TenDonVi", "SoNhanTrongKy", "SoTonKyTruoc", "TongSoXuLy", "TongDaXuLy", "TongXuLyDungHan",
             "PhanTramXuLyDungHan", "TongXuLyTreHan", "PhanTramXuLyTreHan", "TongChuaXuLy", "TongChuaXuLyTrongHan",
             "TongChuaXuLyTreHan", "GhiChu"],
            ["H15.18", UNIT, "10", "2", "12", "9", "8", "88.9", "1", "11.1", "3", "2", "1", ""],
        ],
        {"received": 10, "carried_over": 2, "total": 12, "finished": 9, "in_time": 8, "late": 1, "open": 3,
         "open_in_time": 2, "open_late": 1},
    ),
}  # fmt: skip

RECEIPT = [
    ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "", ""],
    ["GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "", ""],
    ["Mã hồ sơ:", code(1), ""],
    ["4. Thời gian nhận hồ sơ:", RECEIVED, ""],
    ["5. Thời gian trả kết quả giải quyết hồ sơ:", "Sau " + DUE, ""],
    ["1", "Đơn đề nghị", "bản chính"],
]


# ---------------------------------------------------------------- kinds of file


def as_csv(rows: Rows) -> str:
    """A CSV export."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def as_html(rows: Rows, *, charset: str = "utf-8", font: str = "Times New Roman") -> str:
    """A page as web systems save it under the name of a spreadsheet; a row of one cell goes over all columns."""
    width = max(map(len, rows))

    def line(cells: Sequence[str]) -> str:
        if len(cells) == 1:
            return f"<tr><td colspan={width}><b>{escape(cells[0])}</b></td></tr>"
        return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>'
        f'<meta http-equiv=Content-Type content="text/html; charset={charset}">'
        f"<style>td {{font-family:'{font}'; mso-number-format:'\\@'}}</style><title>Sheet1</title></head>"
        f"<body><script>var x = '<table>';</script><table border=1>{''.join(map(line, rows))}</table></body></html>"
    )


def as_mhtml(rows: Rows) -> bytes:
    """The same page saved as one file: a frame and a sheet, quoted-printable."""
    frame = "<html><frameset><frame src='sheet001.htm'></frameset></html>"
    parts = [
        f'Content-Location: file:///C:/{name}\r\nContent-Transfer-Encoding: quoted-printable\r\n'
        f'Content-Type: text/html; charset="utf-8"\r\n\r\n'.encode() + quopri.encodestring(page.encode())
        for name, page in (("tep.htm", frame), ("sheet001.htm", as_html(rows)))
    ]  # fmt: skip
    head = b'MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary="----=_Phan"\r\n\r\n'
    return head + b"".join(b"------=_Phan\r\n" + part + b"\r\n" for part in parts) + b"------=_Phan--\r\n"


def as_xml_spreadsheet(rows: Rows) -> str:
    """A spreadsheet in the XML form of 2003."""
    lines = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{escape(cell)}</Data></Cell>' for cell in cells) + "</Row>"
        for cells in rows
    )  # fmt: skip
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Sheet1"><Table>{lines}</Table></Worksheet></Workbook>'
    )


def write_docx(path: Path, rows: Rows) -> Path:
    """A Word file with titles and one table."""
    document = docx.Document()
    titles = [cells[0] for cells in rows if len(cells) == 1]
    lines = [cells for cells in rows if len(cells) > 1]
    for title in titles:
        document.add_paragraph(title)
    table = document.add_table(rows=len(lines), cols=max(map(len, lines)))
    for row, cells in zip(table.rows, lines, strict=True):
        for cell, text in zip(row.cells, cells, strict=False):
            cell.text = text
    document.save(str(path))
    return path


# ---------------------------------------------------------------- encodings


def in_cp1258(text: str) -> bytes:
    """Text as Vietnamese Windows writes it: tones as characters of their own."""
    out = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
            bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tone))
            out += (bare + tone).encode("cp1258")
    return bytes(out)


def misread(text: str, codec: str = "cp1252") -> str:
    """UTF-8 that a program has taken for another encoding: what Windows shows for each byte."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())
