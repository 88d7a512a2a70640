"""The strings that the cells of an .xlsx file share: a list in memory, the only part of a workbook that is."""

import re

from tracker.ingest.readers.ooxml import Attributes, Package, pieces, plain_parser, unescaped

# A cell holds 32,767 characters; marks of rich text come on top.
MAX_STRING_BYTES = 4 * 1024 * 1024
ROOT = re.compile(r"<((?:\w+:)?)sst\b[^>]*?(/?)>")
PLAIN = r'<{p}si><{p}t(?: xml:space="preserve")?>([^<&\r]*)</{p}t></{p}si>'


def read_strings(package: Package, part: str) -> list[str]:
    """All shared strings in order; rich text without its marks, phonetic guides left out.

    Raises:
        ValueError: damaged, cut off. (`ooxml.named_faults` gives such faults their sentence.)
    """
    strings: list[str] = []
    if not part:
        return strings
    with package.open(part) as stream:
        head = stream.read(4096).decode("utf-8-sig", "replace")
    root = ROOT.search(head)
    if root is None or "<!DOCTYPE" in head:
        raise ValueError("sst")
    plain = re.compile(PLAIN.format(p=root[1]))
    start, end = f"<{root[1]}si", f"</{root[1]}si>"
    is_first, text = True, ""
    with package.open(part) as stream:
        for text in pieces(stream, end.encode(), MAX_STRING_BYTES):
            body = ROOT.split(text, maxsplit=1)[-1] if is_first else text
            is_first = False
            found = plain.findall(body)
            if len(found) != body.count(start) or len(found) != body.count(end):
                found = _parsed(body.replace(f"</{root[1]}sst>", ""))
            strings += map(unescaped, found) if "_x" in body else found
    if not root[2] and f"</{root[1]}sst>" not in text:
        raise ValueError("sst")
    return strings


def _parsed(text: str) -> list[str]:
    """The strings of a piece by the XML parser."""
    strings: list[str] = []
    found: list[str] = []
    depth = {"rPh": 0, "t": 0}

    def start(name: str, _: Attributes) -> None:
        if name in depth:
            depth[name] += 1

    def end(name: str) -> None:
        name = name.rpartition(":")[2]
        if name in depth:
            depth[name] -= 1
        elif name == "si":
            strings.append("".join(found))
            found.clear()

    def characters(data: str) -> None:
        if depth["t"] and not depth["rPh"]:
            found.append(data)

    parser = plain_parser(start)
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.Parse(f"<strings>{text}</strings>", True)
    return strings
