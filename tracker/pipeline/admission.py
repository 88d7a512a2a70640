"""What a source may write that is bound to some units: elements of other units are refused by name, and kept as rejections.

Asked behind the lock of the batch, so that what another has stored meanwhile counts. Files are bound to nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from tracker.ingest.columns import RecordColumns
from tracker.ingest.events import CODE, ReadEvents
from tracker.ingest.following import Followed
from tracker.ingest.layout import UNIT
from tracker.ingest.normalize import Circumstances
from tracker.ingest.readers.payloads import ElementFault, Payload
from tracker.ingest.readers.portal_json import EVENT_FIELDS
from tracker.ingest.reading import Identified, Reading, TableTold
from tracker.ingest.redaction import redact
from tracker.store import catalogue, source_told
from tracker.store.session import Session
from tracker.types import FileWarning, Rejection

UNIT_NOT_ALLOWED = "UNIT_NOT_ALLOWED"
DOSSIER_UNKNOWN = "DOSSIER_UNKNOWN"
# A name in one of these that nobody knows becomes a row of the catalogue.
CATALOGUED = (UNIT, "receiving_unit", "returning_unit", "procedure_code", "procedure_name", "field_name")
CODE_FIELD, UNIT_FIELD = EVENT_FIELDS[CODE], "DonViXuLy"
OTHERS_UNIT = "đơn vị này nằm ngoài các đơn vị mà khóa được ghi"
NO_UNIT = "thiếu đơn vị xử lý, mà khóa chỉ được ghi hồ sơ của một số đơn vị"
UNKNOWN_UNIT = (
    "danh mục đơn vị chưa có tên gọi này, mà khóa chỉ được ghi hồ sơ của một số đơn vị; hãy thêm tên gọi vào danh mục "
    "rồi gửi lại"
)
OTHERS_DOSSIER = "hồ sơ mang mã này thuộc đơn vị nằm ngoài các đơn vị mà khóa được ghi"
NO_DOSSIER = "chưa có hồ sơ mang mã này; hãy gửi DongBoHoSoMC của hồ sơ trước"


class UnitBound:
    """Says of single elements why a source that may write some units only may not write them; None = it may."""

    def __init__(self, session: Session, source_id: int, units: frozenset[int]) -> None:
        self._session, self._source_id, self._units = session, source_id, units
        self._named: dict[str, int | None] = {}
        # Codes that this batch has brought: their dossiers may not be stored yet.
        self._brought: set[str] = set()

    def dossiers(self, codes: Sequence[str], units: Sequence[str]) -> list[ElementFault | None]:
        """Of elements that tell dossiers; `units` as they name them."""
        kept = source_told.kept_as(self._session, self._source_id, codes)
        stored = source_told.units_of(self._session, sorted(set(kept.values())))
        found = []
        for code, unit in zip(codes, units, strict=True):
            own = stored.get(kept[code])
            if own is not None and not source_told.is_within(own, self._units):
                fault: ElementFault | None = _of_code(code, UNIT_NOT_ALLOWED, OTHERS_DOSSIER)
            else:
                fault = self._of_unit(unit, is_known=own is not None or code in self._brought)
            if fault is None:
                self._brought.add(code)
            found.append(fault)
        return found

    def events(self, codes: Sequence[str]) -> list[ElementFault | None]:
        """Of elements that tell events; the dossier of a code that nobody knows could be anybody's."""
        kept = source_told.kept_as(self._session, self._source_id, codes)
        stored = source_told.units_of(self._session, sorted(set(kept.values())))
        return [self._of_event(code, stored.get(kept[code])) for code in codes]

    def _of_event(self, code: str, own: frozenset[int] | None) -> ElementFault | None:
        if own is None:
            return _of_code(code, DOSSIER_UNKNOWN, NO_DOSSIER)
        if not source_told.is_within(own, self._units):
            return _of_code(code, UNIT_NOT_ALLOWED, OTHERS_DOSSIER)
        return None

    def _of_unit(self, name: str, *, is_known: bool) -> ElementFault | None:
        if not name:
            # A dossier that is known goes on to be of its unit.
            return None if is_known else ElementFault(UNIT_FIELD, "", UNIT_NOT_ALLOWED, NO_UNIT)
        if name not in self._named:
            self._named[name] = catalogue.find_unit(self._session, name)
        unit_id = self._named[name]
        if unit_id in self._units:
            return None
        why = UNKNOWN_UNIT if unit_id is None else OTHERS_UNIT
        return ElementFault(UNIT_FIELD, redact(name), UNIT_NOT_ALLOWED, why)


def _of_code(code: str, why: str, message: str) -> ElementFault:
    return ElementFault(CODE_FIELD, redact(code), why, message)


class AdmittedReading:
    """A reading whose elements are looked at before they are decided: those that may not be written come out rejected."""

    def __init__(
        self,
        reading: Reading,
        faults: Mapping[int, ElementFault],
        bound: UnitBound | None,
        settle: Callable[[], None],
    ) -> None:
        """`faults`: by number, what whoever took the payload refuses; `bound` None = every unit may be written. `settle`
        is called before the store is asked: somebody else may be at work on the connection.
        """
        self._reading, self._faults, self._bound, self._settle = reading, faults, bound, settle
        self.tables: Sequence[TableTold] = reading.tables
        self._place = ("", "")

    def begin(self, circumstances: Circumstances) -> None:
        """As of `Reading`."""
        self._reading.begin(circumstances)

    def chunks(self) -> Iterator[Identified]:
        """As of `Reading`."""
        for chunk in self._reading.chunks():
            self._place = chunk.file, chunk.sheet
            yield chunk

    def ask(self, positions: Sequence[int]) -> None:
        """As of `Reading`."""
        self._reading.ask(positions)

    def skipped(self) -> Mapping[str, int]:
        """As of `Reading`."""
        return self._reading.skipped()

    def warnings(self) -> Sequence[FileWarning]:
        """As of `Reading`."""
        return self._reading.warnings()

    def columns(self) -> RecordColumns:
        """As of `Reading`; what is refused names nothing that the catalogue would get a row of its own for."""
        columns = self._reading.columns()
        bounds: Sequence[ElementFault | None] = [None] * len(columns.codes)
        if self._bound is not None:
            self._settle()
            bounds = self._bound.dossiers(columns.codes, columns.texts[UNIT])
        for position, number in enumerate(columns.row_numbers):
            fault = self._faults.get(number)
            if fault is None and position not in columns.rejected:
                fault = bounds[position]
            if fault is not None:
                columns.rejected[position] = Rejection(*self._place, number, *fault)
        for name in CATALOGUED if columns.rejected else ():
            cells = enumerate(columns.texts[name])
            columns.texts[name] = ["" if position in columns.rejected else cell for position, cell in cells]
        return columns

    def followed(self) -> Mapping[int, Followed]:
        """None: what is bound to some units has its events looked at one by one."""
        return {}

    def events(self) -> Iterator[ReadEvents]:
        """As of `Reading`."""
        for read in self._reading.events():
            steps, read.steps = read.steps, []
            bounds: Sequence[ElementFault | None] = [None] * len(steps)
            if self._bound is not None:
                self._settle()
                bounds = self._bound.events([row.code for row in steps])
            for row, bound in zip(steps, bounds, strict=True):
                fault = self._faults.get(row.number) or bound
                if fault is None:
                    read.steps.append(row)
                else:
                    rejection = Rejection(self.tables[0].file, "", row.number, *fault)
                    read.rejected.append((rejection, list(row.cells)))
            yield read


def admitted(
    reading: Reading,
    payloads: Sequence[Payload],
    *,
    bound: UnitBound | None,
    settle: Callable[[], None],
) -> Reading:
    """The reading of what was pushed, or as it is where nothing binds it."""
    faults = {number: fault for payload in payloads for number, fault in payload.faults.items()}
    return reading if bound is None and not faults else AdmittedReading(reading, faults, bound, settle)
