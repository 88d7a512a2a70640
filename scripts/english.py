"""The English catalogue of the pages: kept up with their texts, filled, checked. Run as `python -m scripts.english`.

    extract             add new texts (empty), drop those that nobody says any more; all else stays as it is
    list AREA           the texts of a file without a translation, each with its mark
    fill AREA FILE      translations from lines "mark translation"
    check               everything that is wrong; status 1 if something is

No line numbers and no dates are kept, so a change of the catalogue shows nothing but texts.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment

from app.english.catalogue import FOLDER, Entry, entries, is_spoken
from app.english.checking import faults
from app.english.template_texts import Texts
from scripts import english_tables
from scripts.english_python import modules, texts

ROOT = Path(__file__).parents[1]
TEMPLATES = Path("app/templates")
# Which file a text goes to, by the beginning of the first path that says it (templates, then modules).
AREAS = (
    ("app/templates/pieces/", "page-pieces"),
    ("app/templates/account", "page-access"),
    ("app/templates/admin", "page-access"),
    ("app/templates/alert", "page-alerts"),
    ("app/templates/audit", "page-audit"),
    ("app/templates/pack", "page-audit"),
    ("app/templates/calendar", "page-catalogue"),
    ("app/templates/catalogue", "page-catalogue"),
    ("app/templates/change", "page-catalogue"),
    ("app/templates/check", "page-letters"),
    ("app/templates/compliance", "page-letters"),
    ("app/templates/letter", "page-letters"),
    ("app/templates/number", "page-letters"),
    ("app/templates/obligation", "page-letters"),
    ("app/templates/paper", "page-letters"),
    ("app/templates/signed", "page-letters"),
    ("app/templates/edition", "page-score"),
    ("app/templates/kept", "page-score"),
    ("app/templates/month", "page-score"),
    ("app/templates/rates", "page-score"),
    ("app/templates/score", "page-score"),
    ("app/templates/remed", "page-score"),
    ("app/templates/codes", "page-sources"),
    ("app/templates/reconciling", "page-sources"),
    ("app/templates/reject", "page-sources"),
    ("app/templates/source", "page-sources"),
    ("app/templates/", "page-other"),
    ("app/help/", "help"),
    ("app/shipped_config.toml", "words-tables"),
    ("letters/data/", "words-tables"),
    ("tracker/data/", "words-tables"),
    ("app/log_page.py", "words-log"),
    ("app/ac", "words-a"),
    ("app/ad", "words-a"),
    ("app/al", "words-a"),
    ("app/au", "words-a"),
    ("app/b", "words-b-e"),
    ("app/c", "words-b-e"),
    ("app/d", "words-b-e"),
    ("app/e", "words-b-e"),
    ("app/f", "words-f-o"),
    ("app/g", "words-f-o"),
    ("app/h", "words-f-o"),
    ("app/i", "words-f-o"),
    ("app/j", "words-f-o"),
    ("app/k", "words-f-o"),
    ("app/l", "words-f-o"),
    ("app/m", "words-f-o"),
    ("app/n", "words-f-o"),
    ("app/o", "words-f-o"),
    ("app/v", "words-views"),
    ("app/w", "words-views"),
    ("app/", "words-p-z"),
    ("letters/template", "words-letter-templates"),
    ("letters/", "words-letters"),
    ("notifications/", "words-notifications"),
    ("tracker/ingest/", "words-ingest"),
    ("tracker/connectors/", "words-ingest"),
    ("tracker/reports/", "words-reports"),
    ("tracker/pipeline/", "words-pipeline"),
    ("tracker/timekeeping/", "words-timekeeping"),
    ("tracker/", "words-tracker"),
)
HEAD = """# English for the texts of the pages. Kept by `python -m scripts.english`; see docs/english.md.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; the exit status."""
    match list(arguments):
        case ["extract"]:
            return extract(ROOT)
        case ["list", area]:
            print("\n".join(f"{mark(entry.text)} {entry.text}" for entry in _of(area) if not entry.told))
            return 0
        case ["fill", area, file]:
            return fill(area, Path(file).read_text("utf-8"))
        case ["check"]:
            wrong = [f"{name}: {told}" for name, told in faults(current(ROOT))]
            print("\n".join(wrong) or "nothing is wrong")
            return 1 if wrong else 0
    print(__doc__)
    return 2


def extract(root: Path) -> int:
    """Bring the files up to date with the texts of the pages."""
    kept = {(entry.text, entry.context): entry for _name, entry in entries()}
    files: dict[str, list[Entry]] = {}
    new = 0
    for text, paths in current(root).items():
        own = (
            [entry for (each, context), entry in kept.items() if each == text and context in paths]
            if _has_own(kept, text)
            else []
        )
        known = kept.get((text, None))
        new += known is None
        entry = replace(known, paths=paths) if known else Entry(text, "", paths)
        files.setdefault(area_of(paths[0]), []).extend([entry, *own])
    for path in FOLDER.glob("*.po"):
        if path.stem not in files:
            path.unlink()
    for name, listed in files.items():
        _write(name, listed)
    told = sum(bool(entry.told) for listed in files.values() for entry in listed)
    print(f"{sum(map(len, files.values()))} texts, {told} translated, {new} new")
    return 0


def _has_own(kept: Mapping[tuple[str, str | None], Entry], text: str) -> bool:
    return any(each == text and context for each, context in kept)


def current(root: Path) -> Mapping[str, tuple[str, ...]]:
    """Every text with the paths that say it, templates first, then modules and tables, in the order of the paths and of their lines."""
    found: dict[str, dict[str, None]] = {}
    for path, text in (*template_texts(root), *module_texts(root), *english_tables.texts(root)):
        found.setdefault(text, {})[path] = None
    return {text: tuple(paths) for text, paths in found.items()}


def template_texts(root: Path) -> Iterator[tuple[str, str]]:
    """The texts of all templates with their paths."""
    seen: list[tuple[str, str]] = []
    env = Environment(extensions=[Texts], trim_blocks=True, lstrip_blocks=True, autoescape=True)

    def note(text: str, template: str) -> None:
        seen.append(((TEMPLATES / template).as_posix(), text))

    env.translate = note  # type: ignore[attr-defined]
    for path in sorted((root / TEMPLATES).rglob("*.html")):
        name = path.relative_to(root / TEMPLATES).as_posix()
        env._tokenize(path.read_text("utf-8"), name, name)
    yield from seen


def module_texts(root: Path) -> Iterator[tuple[str, str]]:
    """The texts of all modules that speak to people, with their paths."""
    for path in modules(root):
        for text in texts((root / path).read_text("utf-8")):
            yield path.as_posix(), text


def area_of(path: str) -> str:
    """The file that a text of this path goes to."""
    return next(area for start, area in AREAS if path.startswith(start))


def mark(text: str) -> str:
    """A short mark of a text, by which a translation is handed in."""
    return sha256(text.encode()).hexdigest()[:7]


def fill(area: str, lines: str) -> int:
    """Put translations into a file; what cannot be placed is told."""
    given = dict(line.strip().split(" ", 1) for line in lines.splitlines() if " " in line.strip())
    listed = _of(area)
    marks = {mark(entry.text) for entry in listed}
    _write(area, [replace(entry, told=given.get(mark(entry.text), entry.told)) for entry in listed])
    unknown = sorted(set(given) - marks)
    print(f"{len(given) - len(unknown)} filled, {sum(not e.told for e in _of(area))} left", *unknown)
    return 1 if unknown else 0


def _of(area: str) -> list[Entry]:
    return [entry for name, entry in entries() if name == area]


def _write(name: str, listed: Sequence[Entry]) -> None:
    blocks = [HEAD, *(_block(entry) for entry in listed)]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.po").write_text("\n".join(blocks), "utf-8", newline="\n")


def _block(entry: Entry) -> str:
    lines = [f"#: {path}" for path in entry.paths[:3]]
    if not any(is_spoken(path) for path in entry.paths[:3]):
        lines += [f"#: {path}" for path in entry.paths if is_spoken(path)][:1]
    lines += ["#, fuzzy"] if entry.is_fuzzy else []
    lines += [f"msgctxt {_quoted(entry.context)}"] if entry.context else []
    return "\n".join([*lines, f"msgid {_quoted(entry.text)}", f"msgstr {_quoted(entry.told)}", ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
