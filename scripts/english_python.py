"""The texts that modules say to people: Vietnamese strings, and strings with values in them as messages with places.

Read from the syntax tree, nothing is run. Strings put together with `+` are one message; each part of it that is a text
is a message as well, since another part of the program may say it alone.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.english.texts import has_words, is_vietnamese, one_line
from app.english.unmarked import UNMARKED

PACKAGES = ("app", "letters", "notifications", "tracker")
# What never reaches a page: commands, protocols for programs, documents and files that stay Vietnamese, tables of headings.
LEFT_OUT = (
    "app/commands/", "app/english/", "app/cli.py", "app/options.py", "app/oplog/", "app/receiver", "app/views/receiver.py",
    "app/reconciling_files.py", "app/feed_files.py", "app/pack_keys.py", "app/privacy_", "tracker/ingest/raw_erasing.py",
    "tracker/pipeline/erasing.py", "tracker/pipeline/person_record.py", "tracker/store/privacy/",
    "letters/content.py", "letters/form_render.py", "letters/issuer.py", "letters/layout.py",
    "letters/parindex_sheet.py", "letters/post_list.py", "letters/print_batch.py", "letters/print_papers.py",
    "letters/proof_sheet_", "letters/quarterly", "letters/reform_report", "letters/register_book.py",
    "letters/register.py", "letters/remediation_report.py", "letters/render.py", "letters/responsibility_", "letters/spoken_numbers.py",
    "letters/template_default.py", "letters/template_sample.py",
    "notifications/alerts/digest.py", "notifications/alerts/feeds.py", "notifications/channels/mail.py",
    "tracker/calendar_data.py", "tracker/config", "tracker/connectors/opencps_records.py", "tracker/criteria_data.py",
    "tracker/forms_data.py", "tracker/ingest/layout.py", "tracker/ingest/readers/letters.py",
    "tracker/ingest/readers/syllables.py", "tracker/ingest/sections.py", "tracker/measures/pack_format.py",
    "tracker/reconciling_data.py", "tracker/reports/appendix_lists.py", "tracker/reports/form_book.py",
    "tracker/reports/form_page.py", "tracker/reports/listing.py", "tracker/reports/pack_tables.py",
    "tracker/reports/pack_writer.py", "tracker/reports/responsibility_book.py", "tracker/secret_files.py", "tracker/store/backup/", "tracker/store/copying.py", "tracker/store/session.py",
    "tracker/synthetic/", "tracker/tables.py", "tracker/text.py", "tracker/timekeeping/number_words.py",
)  # fmt: skip
GIVEN = re.compile(r"\{[a-z_0-9.]*(?:\[[^\]]*\])?(?:![rsa])?(?::[^{}]*)?\}")
OLD_STYLE = re.compile(r"%(?:\(\w+\))?[-0-9.]*[sd]")
A_PATTERN = re.compile(r"\\\d|\(\?|\\[dsSwWb]|\[\^|\[0-9|À-|à-")


def modules(root: Path) -> list[Path]:
    """The modules whose texts may reach a page, below the root, in order of name."""
    found = sorted(path.relative_to(root) for name in PACKAGES for path in (root / name).rglob("*.py"))
    return [path for path in found if not path.as_posix().startswith(LEFT_OUT)]


def texts(source: str) -> Iterator[str]:
    """The messages of a module."""
    tree = ast.parse(source)
    quiet = _docstrings(tree)
    inside: set[int] = set()  # parts of a message are no messages by being parts
    for node in ast.walk(tree):
        if id(node) in inside or id(node) in quiet:
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_text(node):
            inside |= {id(each) for each in ast.walk(node) if isinstance(each, ast.BinOp)}
            yield from _told(_sum(node))
        elif (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Mod)
            and isinstance(node.left, ast.Constant)
        ):
            inside.add(id(node.left))
            yield from _told(_numbered(str(node.left.value), OLD_STYLE))
        elif isinstance(node, ast.JoinedStr):
            inside |= {id(each) for each in node.values}
            yield from _told(_joined(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _told(_numbered(node.value, GIVEN))


def _told(text: str) -> Iterator[str]:
    message = one_line(text)
    if A_PATTERN.search(message) or not has_words(message) or len(message) < 2:
        return
    if is_vietnamese(message) or message in UNMARKED:
        yield message


def _docstrings(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def _is_text(node: ast.expr) -> bool:
    """A sum with a string in it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _sum(node: ast.expr) -> str:
    """A sum of strings and values as one text with numbered places."""
    parts: list[str | None] = []

    def walk(each: ast.expr) -> None:
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add):
            walk(each.left)
            walk(each.right)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            parts.append(each.value)
        elif isinstance(each, ast.JoinedStr):
            parts.extend(_parts(each))
        else:
            parts.append(None)

    walk(node)
    return _with_places(parts)


def _joined(node: ast.JoinedStr) -> str:
    return _with_places(_parts(node))


def _parts(node: ast.JoinedStr) -> list[str | None]:
    return [str(each.value) if isinstance(each, ast.Constant) else None for each in node.values]


def _with_places(parts: list[str | None]) -> str:
    """None is a place; two next to each other are one, since nobody could tell them apart in the finished text."""
    told, count, was_place = "", 0, False
    for part in parts:
        if part is None and not was_place:
            told += f"{{{count}}}"
            count += 1
        told += part or ""
        was_place = part is None if part != "" else was_place
    return told


def _numbered(text: str, places: re.Pattern[str]) -> str:
    """`{}` and `{name}` (or `%s`) numbered as they come; a name that comes again is a place of its own."""
    count = 0

    def number(_found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"{{{count - 1}}}"

    return places.sub(number, text)
