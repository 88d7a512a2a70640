"""What the pages of an office's letters show: places of templates, signers, series, reasons, and the units to choose from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.catalogue_page import find_procedures
from app.key_page import UnitGroup, unit_groups
from app.letter_settings_forms import UnitsAllowed
from app.presenters import LETTER_KINDS, Chip
from letters.case import Names
from letters.forms import LetterForm, LetterForms
from letters.issuer import Authority, Signature
from letters.reasons import lacking
from letters.series import SeriesFault, series_check
from letters.signers import AUTHORITIES, signature_of
from tracker.store import catalogue, catalogue_edits, number_store, signer_store, template_store
from tracker.store.delay_reasons import KnownReason, known_reasons
from tracker.store.letter_candidates import load_catalogue
from tracker.store.number_store import SeriesRow
from tracker.store.reason_gaps import ReasonGap, reason_gaps
from tracker.store.session import Session, Store
from tracker.store.signer_store import NewSigner, SignerRow
from tracker.store.template_store import ACTIVE, TemplateRow
from tracker.types.catalogue import KeptProcedure

TABS: Mapping[str, str] = {
    "letter_templates.page": "Mẫu thư",
    "letter_settings.signers": "Người ký",
    "letter_settings.series": "Dãy số riêng",
    "letter_settings.reasons": "Lý do đặt sẵn",
}
EVERY_UNIT, EVERY_KIND = "Mọi đơn vị", "Mọi loại thư"
IN_USE, OUT_OF_USE = Chip("tick", "Đang dùng", "kept"), Chip("dash", "Thôi dùng", "plain")
MAY, MAY_LATER, MAY_NO_MORE = (
    Chip("tick", "Đang được ký", "kept"),
    Chip("clock", "Chưa đến ngày", "plain"),
    Chip("dash", "Đã hết", "plain"),
)
OPEN, LATER, CLOSED = (
    Chip("tick", "Đang lấy số", "kept"),
    Chip("clock", "Chưa bắt đầu", "plain"),
    Chip("dash", "Đã đóng", "plain"),
)
MOST_GAPS = 10
Scope = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class UnitOptions:
    """The units that somebody may choose from."""

    groups: tuple[UnitGroup, ...]
    allowed: UnitsAllowed


def unit_options(session: Session, scope: Scope, day: date) -> UnitOptions:
    """The units of a day within a scope; all at once only for who sees all."""
    units = {key: unit for key, unit in catalogue.units(session).items() if scope is None or key in scope}
    groups = unit_groups(units, day)
    offered = {each.code for group in groups for each in group.units}
    ids = {unit.code: key for key, unit in units.items() if unit.code in offered}
    return UnitOptions(groups, UnitsAllowed(ids, is_all_allowed=scope is None))


def unit_name(store: Store, unit_id: int | None) -> str:
    """A unit's name; all units for none."""
    with store.read() as session:
        units = catalogue.units(session)
    return units[unit_id].name if unit_id else EVERY_UNIT


def kind_word(kind: str | None) -> str:
    """A kind of letter in words; all kinds for none."""
    return LETTER_KINDS.get(kind or "", EVERY_KIND)


# ---------------------------------------------------------------- templates


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """The versions of one place, newest first."""

    unit_id: int | None
    unit: str
    form: LetterForm
    kind: str
    versions: tuple[TemplateRow, ...]

    @property
    def active(self) -> TemplateRow | None:
        """The version that letters are drafted from; None: the shipped letter."""
        return next((row for row in self.versions if row.state == ACTIVE), None)


def shown_places(session: Session, scope: Scope, forms: LetterForms) -> list[ShownPlace]:
    """The places with an own template: of all units and of the units in scope; those in use first."""
    names = {key: unit.name for key, unit in catalogue.units(session).items()}
    places: dict[tuple[int | None, str, str], list[TemplateRow]] = {}
    for row in template_store.templates(session):
        if scope is None or row.unit_id is None or row.unit_id in scope:
            places.setdefault((row.unit_id, row.form, row.kind), []).append(row)
    shown = [
        ShownPlace(unit_id, names[unit_id] if unit_id else EVERY_UNIT, forms.by_key(form), kind, tuple(rows))
        for (unit_id, form, kind), rows in places.items()
    ]
    return sorted(
        shown, key=lambda each: (each.active is None, each.unit_id is not None, each.unit, each.form.key)
    )


# ---------------------------------------------------------------- signers


@dataclass(frozen=True, slots=True)
class ShownSigner:
    """A signer, how he stands under a letter, and whether he may sign today."""

    row: SignerRow
    lines: tuple[str, ...]
    authority: str
    state: Chip


@dataclass(frozen=True, slots=True)
class SigningUnit:
    """A unit with those who may sign, may yet, or might."""

    name: str
    signers: tuple[ShownSigner, ...]


def signing_units(session: Session, scope: Scope, day: date) -> list[SigningUnit]:
    """The units that have signers, by name; those who may sign today first."""
    names = Names(load_catalogue(session))
    by_unit: dict[str, list[ShownSigner]] = {}
    for row in signer_store.signers_of(session, scope):
        lines = _printed(names, row.unit_id, day, signature_of(row))
        shown = ShownSigner(row, lines, AUTHORITIES[Authority(row.authority)], _signer_state(row, day))
        by_unit.setdefault(row.unit, []).append(shown)
    return [
        SigningUnit(unit, tuple(sorted(by_unit[unit], key=lambda each: each.state is not MAY)))
        for unit in sorted(by_unit)
    ]


def _signer_state(row: SignerRow, day: date) -> Chip:
    if row.is_valid(day):
        return MAY
    return MAY_LATER if row.valid_from is not None and day < row.valid_from else MAY_NO_MORE


def printed(session: Session, new: NewSigner, day: date) -> tuple[str, ...]:
    """What would stand above and below a signature of somebody who is to be entered."""
    signature = Signature(Authority(new.authority), new.title, new.head_title, new.full_name)
    return _printed(Names(load_catalogue(session)), new.unit_id, day, signature)


def _printed(names: Names, unit_id: int, day: date, signature: Signature) -> tuple[str, ...]:
    issuer = names.issuer(unit_id, day)
    is_collective = issuer is not None and issuer.is_committee
    return (*signature.lines(is_collective=is_collective), signature.name)


# An office without a collective, and a People's Committee, where the head and his deputies sign for it.
EXAMPLES: Sequence[tuple[Authority, tuple[str, ...], tuple[str, ...]]] = tuple(
    (
        authority,
        Signature(authority, title, "Giám đốc").lines(is_collective=False),
        Signature(authority, committee_title, "Chủ tịch").lines(is_collective=True),
    )
    for authority, title, committee_title in (
        (Authority.HEAD, "Giám đốc", "Chủ tịch"),
        (Authority.DEPUTY, "Phó Giám đốc", "Phó Chủ tịch"),
        (Authority.BY_ORDER, "Chánh Văn phòng", "Chánh Văn phòng"),
        (Authority.BY_AUTHORISATION, "Trưởng phòng", "Trưởng phòng"),
        (Authority.ACTING, "Giám đốc", "Chủ tịch"),
    )
)


# ---------------------------------------------------------------- series


@dataclass(frozen=True, slots=True)
class ShownSeries:
    """A series and whether numbers are taken from it today."""

    row: SeriesRow
    state: Chip


def shown_series(session: Session, scope: Scope, day: date) -> list[ShownSeries]:
    """The series of the units in scope, open ones first."""
    found = [ShownSeries(row, _series_state(row, day)) for row in number_store.series_of(session, scope)]
    return sorted(found, key=lambda each: each.state is CLOSED)


def _series_state(row: SeriesRow, day: date) -> Chip:
    if row.is_open(day):
        return OPEN
    return LATER if day < row.valid_from else CLOSED


def series_faults(session: Session, scope: Scope) -> list[SeriesFault]:
    """What is wrong with the numbers given out."""
    return series_check(session, scope)


# ---------------------------------------------------------------- reasons


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason that stands, with its unit and procedure by name; `is_own`: may it be taken back by who looks?"""

    row: KnownReason
    unit: str
    procedure: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class ShownGap:
    """Dossiers of a unit and a procedure that lack a reason."""

    unit: str
    procedure: str
    dossiers: int


@dataclass(frozen=True, slots=True)
class ReasonsShown:
    """The reasons that stand, and what still lacks one: all of it, and the largest groups."""

    reasons: tuple[ShownReason, ...]
    lacking: int
    largest: tuple[ShownGap, ...]
    gaps: tuple[ReasonGap, ...]
    names: Names


def reasons_shown(session: Session, scope: Scope, day: date) -> ReasonsShown:
    """What stands for the units in scope and for all, and what their letters still wait for."""
    names, known = Names(load_catalogue(session)), known_reasons(session)
    gaps = [gap for gap in lacking(reason_gaps(session), known, names, day) if _is_in(gap, scope, names, day)]
    rows = [row for row in known if scope is None or row.unit_id is None or row.unit_id in scope]
    shown = tuple(
        ShownReason(
            row,
            names.unit(row.unit_id) or EVERY_UNIT,
            _procedure(names, row.procedure_id),
            scope is None or row.unit_id in scope,
        )
        for row in rows
    )
    return ReasonsShown(shown, sum(gap.dossiers for gap in gaps), _largest(gaps, names), tuple(gaps), names)


def _is_in(gap: ReasonGap, scope: Scope, names: Names, day: date) -> bool:
    issuer = names.issuer(gap.resolving_unit_id, day)
    return scope is None or gap.resolving_unit_id in scope or (issuer is not None and issuer.unit_id in scope)


def _procedure(names: Names, procedure_id: int | None) -> str:
    return names.catalogue.procedures.get(procedure_id or 0, ("", None))[0]


def _largest(gaps: Iterable[ReasonGap], names: Names) -> tuple[ShownGap, ...]:
    counts: dict[tuple[int | None, int | None], int] = {}
    for gap in gaps:
        key = gap.resolving_unit_id, gap.procedure_id
        counts[key] = counts.get(key, 0) + gap.dossiers
    largest = sorted(counts.items(), key=lambda item: -item[1])[:MOST_GAPS]
    return tuple(
        ShownGap(
            names.unit(unit_id),
            _procedure(names, procedure_id) if procedure_id else "chưa rõ thủ tục",
            count,
        )
        for (unit_id, procedure_id), count in largest
    )


def procedure_finder(session: Session) -> Callable[[str], Sequence[KeptProcedure]]:
    """Finds procedures by code or words of their name, without accents."""
    kept = catalogue_edits.kept_procedures(session)

    def find(text: str) -> Sequence[KeptProcedure]:
        exact = [kept[text]] if text in kept else []
        found = find_procedures(kept.values(), text, page=1, size=50).rows
        return exact or [each for each in found if isinstance(each, KeptProcedure)]

    return find
