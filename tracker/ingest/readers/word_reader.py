"""Tables in a .docx file: some offices send their list in Word. Only the body is read, nothing it refers to."""

from collections.abc import Iterator

from tracker.ingest.readers.letters import fonts_named
from tracker.ingest.readers.markup import MarkupRow, MarkupSheet, sheets_of
from tracker.ingest.readers.ooxml import BLOCK, Package, named_faults
from tracker.ingest.readers.xml_reader import WordTags, xml_rows

WORD_PART = "word/document.xml"


def word_tables(package: Package) -> list[MarkupSheet]:
    """The tables of the body.

    Raises:
        UnusableFile: damaged, or without a table.
    """

    def rows() -> Iterator[MarkupRow]:
        return xml_rows(lambda: package.open(WORD_PART), WordTags)

    with named_faults(package.path, "văn bản Word"):
        with package.open(WORD_PART) as stream:
            found: frozenset[str] = frozenset()
            while block := stream.read(BLOCK):
                found |= fonts_named(block)
        return sheets_of(package.path, rows, what="tệp Word", fonts=found)
