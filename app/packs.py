"""Making an evidence pack: contents first, then number, signature, register and file in one step; and looking at one.

A pack is written below `packs` in the data folder. Its number is claimed, its row written and its file put in its place
in one transaction, so no number is used twice. A kill just before the commit leaves a file without a row: that is no pack,
nobody is handed it, and the next pack removes it. After the commit row and file are both there.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from app.audit_query_flags import flag_words
from app.context import AppContext
from app.figure_json import rates_json, score_json
from app.pack_keys import SigningKey, signing_key
from app.works.backing_up import program_version
from app.works.keeping import keep_in, told_path
from tracker.errors import UsageError
from tracker.machine import refused
from tracker.measures.pack_format import PackHead, cover_of, manifest_bytes
from tracker.measures.pack_manifest import read_manifest
from tracker.pipeline import RatesQuestion, ScoreQuestion, rates, score
from tracker.pipeline.packing import Packing, PackQuestion, Watch, write_contents
from tracker.reports.pack_writer import PackWriter, Written
from tracker.store import audit, catalogue, kept_files, pack_store
from tracker.store.audit import Act
from tracker.store.kept_files import NewFile
from tracker.store.locks import Lock, hold
from tracker.store.pack_store import NewPack, PackRow
from tracker.store.session import Session
from tracker.types import VN, Basis

FOLDER, WORKING, ENDING = "packs", ".dang-lam-", ".zip"
KIND, SUBJECT, ACTION = "evidence_pack", "pack", "pack_made"
CRITERION = "3.4.1"
LONGEST_TITLE = 200
# A maker that was killed so long ago does not come back for what it left.
FORGOTTEN_AFTER = timedelta(days=2)
NO_NAMES = "tệp văn bản xin lỗi, bản đã ký, họ tên và lý do ghi tự do (gói che thông tin cá nhân)"


@dataclass(frozen=True, slots=True)
class PackAsked:
    """What somebody wants a pack of. `unit_id`: with all units below it; None: the whole province."""

    start: date
    end: date
    as_of: datetime
    title: str = ""
    basis: Basis = Basis.SOURCE
    unit_id: int | None = None
    known: datetime | None = None
    names: bool = False

    def as_params(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "as_of": self.as_of.isoformat(),
            "title": self.title,
            "basis": self.basis.value,
            "unit_id": self.unit_id,
            "known": self.known.isoformat() if self.known else None,
            "names": self.names,
        }


def asked_of(params: Mapping[str, Any]) -> PackAsked:
    """The same from its JSON values."""
    return PackAsked(
        start=date.fromisoformat(params["start"]),
        end=date.fromisoformat(params["end"]),
        as_of=datetime.fromisoformat(params["as_of"]),
        title=params["title"],
        basis=Basis(params["basis"]),
        unit_id=params["unit_id"],
        known=datetime.fromisoformat(params["known"]) if params["known"] else None,
        names=params["names"],
    )


@dataclass(frozen=True, slots=True)
class MadePack:
    """A registered pack and where its file lies."""

    new: NewPack
    path: Path


Mark = Callable[[Session, MadePack], None]


def make_pack(
    context: AppContext, asked: PackAsked, *, by: str, watch: Watch, mark: Mark = lambda *_: None
) -> MadePack:
    """Make, sign and register a pack; `mark` is done in the transaction that registers it.

    Raises:
        UsageError: the period is none, the unit unknown, or the key has to be seen to.
        WorkFailed: it could not be written; nothing is registered.
    """
    if asked.start > asked.end:
        raise UsageError(f"ngày bắt đầu {asked.start:%d/%m/%Y} sau ngày cuối {asked.end:%d/%m/%Y}")
    question = _question(context, replace(asked, title=_title(asked)))
    key = signing_key(context, by)
    with _place(context) as place, PackWriter(place / "goi.part") as pack:
        figures = _figures(context, question)
        packing = Packing(question, pack, context.data_dir, place, flag_words, figures, watch)
        counts = write_contents(context.store, context.calendars, packing)
        pack.settle(lambda _: watch(0, None, "Tính mã băm của gói"))
        watch(0, None, "Ký và ghi sổ")
        made = _Making(context, asked, question, counts, key, by)
        return made.register(pack, place / "goi.part", mark)


def _question(context: AppContext, asked: PackAsked) -> PackQuestion:
    units, unit = None, ""
    if asked.unit_id is not None:
        with context.store.read() as session:
            units = catalogue.unit_subtree(session, asked.unit_id)
            found = catalogue.units(session).get(asked.unit_id)
        unit = found.name if found else ""
    as_of = asked.as_of.replace(microsecond=0)
    return PackQuestion(asked.start, asked.end, as_of, asked.basis, units, unit, asked.known, asked.names)


def _title(asked: PackAsked) -> str:
    given = " ".join(asked.title.split())[:LONGEST_TITLE]
    return given or f"Hồ sơ quá hạn từ {asked.start:%d/%m/%Y} đến {asked.end:%d/%m/%Y}"


# ---------------------------------------------------------------- figures


def _figures(context: AppContext, asked: PackQuestion) -> Mapping[str, Any]:
    """Rates of the period and the score of its years, as they are printed elsewhere; those of a unit: its own rows."""
    found: dict[str, Any] = {}
    for name, by in (
        ("ty-le-theo-don-vi", "unit"),
        ("ty-le-theo-linh-vuc", "field"),
        ("ty-le-theo-cap", "level"),
    ):
        if asked.unit_ids is not None and by != "unit":
            continue
        question = RatesQuestion(asked.start, asked.end, asked.as_of, (by,), asked.basis, asked.known)
        document = rates_json(rates(context.store, question))
        found[name] = document | {"rows": _own_rows(context, asked, document["rows"])}
    for year in range(asked.start.year, asked.end.year + 1):
        scored = ScoreQuestion(
            CRITERION, year, asked.as_of, context.config.score_edition, asked.basis, asked.known
        )
        found[f"diem-{year}"] = score_json(score(context.store, scored))
    return found


def _own_rows(context: AppContext, asked: PackQuestion, rows: Any) -> Any:
    if asked.unit_ids is None or rows is None:
        return rows
    with context.store.read() as session:
        names = {unit.name for unit_id, unit in catalogue.units(session).items() if unit_id in asked.unit_ids}
    return [row for row in rows if row["unit"] in names]


# ---------------------------------------------------------------- number, signature, register, file


@dataclass(frozen=True, slots=True)
class _Making:
    context: AppContext
    asked: PackAsked
    question: PackQuestion
    counts: Mapping[str, int]
    key: SigningKey
    by: str

    def register(self, pack: PackWriter, writing: Path, mark: Mark) -> MadePack:
        """Everything that makes a pack of what was written, in one transaction."""
        context = self.context
        with context.store.transaction() as session:
            hold(session, Lock.WORK)
            _sweep(context, session)
            now = context.now()
            new, final = self._sign(session, pack, now)
            pack_store.add_pack(session, new, by=self.by, now=now)
            kept = NewFile(
                KIND,
                told_path(context, final),
                new.file_name,
                f"{SUBJECT}:{new.number}",
                new.sha256,
                new.size,
            )
            keep_in(session, context, kept, by=self.by, now=now)
            made = MadePack(new, final)
            mark(session, made)
            audit.append_acts(session, [Act(now, self.by, ACTION, f"{SUBJECT}:{new.number}", _detail(new))])
            os.replace(writing, final)
        return made

    def _sign(self, session: Session, pack: PackWriter, now: datetime) -> tuple[NewPack, Path]:
        row = pack_store.find_key(session, self.key.fingerprint)
        if row is None or row.retired_at is not None:
            raise UsageError("khóa ký gói vừa được thôi dùng; hãy làm lại")
        number = pack_store.next_number(session, now.astimezone(VN).year)
        manifest = manifest_bytes(self._head(number, now), pack.files, self.key.public)
        signature = self.key.sign(manifest)
        cover = cover_of(read_manifest(manifest).cover_text, manifest)
        written = pack.finish(manifest, signature, cover)
        final = self.context.data_dir / FOLDER / f"{number}{ENDING}"
        return self._row(number, manifest, signature, written), final

    def _head(self, number: str, now: datetime) -> PackHead:
        left_out = [] if self.question.names else [NO_NAMES]
        return PackHead(
            number, _title(self.asked), now.astimezone(VN).isoformat(timespec="seconds"), self.by,
            program_version(), self._told(), self.counts, left_out,
        )  # fmt: skip

    def _told(self) -> Mapping[str, Any]:
        asked = self.question
        return {
            "from": asked.start.isoformat(),
            "to": asked.end.isoformat(),
            "unit": asked.unit,
            "basis": asked.basis.value,
            "as_of": asked.as_of.isoformat(),
            "closing": asked.closing.isoformat(),
            "known": asked.known.isoformat() if asked.known else None,
            "masked": not asked.names,
        }

    def _row(self, number: str, manifest: bytes, signature: bytes, written: Written) -> NewPack:
        return NewPack(
            number=number,
            title=_title(self.asked),
            question=self._told(),
            counts=self.counts,
            file_name=f"goi-chung-cu-{number}{ENDING}",
            size=written.size,
            sha256=written.sha256,
            manifest_sha256=read_manifest(manifest).sha256,
            signature=signature.hex(),
            fingerprint=self.key.fingerprint,
        )


def _detail(new: NewPack) -> Mapping[str, Any]:
    """What the log says of a pack: by it the log binds the register."""
    told = {name: new.question[name] for name in ("from", "to", "basis", "masked")}
    return {**told, "dossiers": new.counts["dossiers"], "sha256": new.sha256, "manifest": new.manifest_sha256}


@contextmanager
def _place(context: AppContext) -> Iterator[Path]:
    """A folder of this maker alone, which goes with it."""
    place = context.data_dir / FOLDER / f"{WORKING}{secrets.token_hex(6)}"
    try:
        place.mkdir(parents=True, mode=0o700)
        yield place
    except OSError as error:
        raise refused("Không ghi được gói chứng cứ", error) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _sweep(context: AppContext, session: Session) -> None:
    """Files that no row tells of are no packs; folders of makers that were killed are nobody's."""
    home, before = context.data_dir / FOLDER, context.now() - FORGOTTEN_AFTER
    for path in home.glob(f"*{ENDING}"):
        if pack_store.find_number(session, path.stem) is None:
            path.unlink()
    for path in home.glob(f"{WORKING}*"):
        if path.stat().st_mtime < before.timestamp():
            shutil.rmtree(path, ignore_errors=True)


def pack_file(context: AppContext, row: PackRow) -> Path | None:
    """The file of a registered pack; None where its time is over."""
    path = context.data_dir / FOLDER / f"{row.new.number}{ENDING}"
    return path if path.is_file() else None


def kept_until(session: Session, row: PackRow) -> datetime | None:
    """Until when the file is kept here; None where it has gone."""
    found = kept_files.of_subject(session, f"{SUBJECT}:{row.new.number}")
    return found[-1].expires_at if found and found[-1].deleted_at is None else None
