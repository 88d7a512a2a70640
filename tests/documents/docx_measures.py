"""What a .docx says of its own fonts and paper, read from its XML without python-docx."""

import io
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SCRIPTS = ("ascii", "hAnsi", "cs", "eastAsia")
MM_A_TWIP = 25.4 / 1440


@dataclass(frozen=True)
class Measures:
    """Fonts by script, sizes in points of all text, paper and margins in millimetres."""

    fonts: frozenset[tuple[str | None, ...]]  # of every place that names fonts: one name a script
    sizes: frozenset[float]
    width: float
    height: float
    margins: dict[str, float]


def measures(docx: bytes) -> Measures:
    """Read them."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        parts = [ElementTree.fromstring(archive.read(n)) for n in archive.namelist() if n.startswith("word/")]
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    fonts = {
        tuple(found.get(W + script) for script in SCRIPTS)
        for part in parts
        for found in part.iter(W + "rFonts")
    }
    sizes = {float(found.attrib[W + "val"]) / 2 for part in parts for found in part.iter(W + "sz")}
    (paper,), (margin,) = body.iter(W + "pgSz"), body.iter(W + "pgMar")
    return Measures(
        frozenset(fonts),
        frozenset(sizes),
        _mm(paper, "w"),
        _mm(paper, "h"),
        {side: _mm(margin, side) for side in ("top", "bottom", "left", "right")},
    )


def _mm(element: ElementTree.Element, key: str) -> float:
    return int(element.attrib[W + key]) * MM_A_TWIP
