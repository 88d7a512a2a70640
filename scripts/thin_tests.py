"""Which tests need not run on PostgreSQL in `make test`: those that ask nothing of it that no other test asks.

`python -m scripts.thin_tests [--told FILE]` runs them one by one on a server that tells what it was asked (tests/statements.py;
half an hour) and writes `tests/asked_elsewhere.txt`. A statement is taken to pieces: three neighbouring words each, columns
and values left out, tables and functions kept. Tests are chosen until every piece is asked by one of them, cheap ones first;
those about kills, locks and threads always run, since what they ask says little of what they see. All others are in the file.
`make test` leaves them out on PostgreSQL, not on SQLite; `make test-long` runs all on both. A new test is in no file and runs.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.statements import WHERE

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tests" / "asked_elsewhere.txt"
RUN = (
    "-p", "tests.statements", "--database", "postgresql", "-m", "not browser and not long", "tests/flows", "tests/store",
    "tests/web/test_access.py", "tests/web/test_recorded.py", "tests/web/test_pages.py",
)  # fmt: skip
SEEN_NOT_ASKED = re.compile(
    r"kill|thread|barrier|restart|\.ended\(|Program\(|postgresql_only|both_databases|every_value|_?lock(ed|s)?\b|terminate",
    re.IGNORECASE,
)
WORD = re.compile(r"\"?[a-z_]\w*\"?|\$\d+|\d+|'[^']*'|::|[<>!]=|<>|\|\||->>?|\S", re.IGNORECASE)
_KEYWORDS = (
    "select from where and or not in is null exists case when then else end group by order asc desc limit offset insert into"
    " values update set delete on conflict do nothing returning join left right inner outer full lateral union all distinct"
    " as with recursive copy stdin binary create drop table temp index unique primary key foreign references alter add"
    " column constraint check default between like ilike collate nulls first last for share skip locked over partition"
    " begin commit rollback savepoint release lock mode exclusive analyze truncate using interval cross filter any array"
    " row"
)
KEYWORDS = frozenset(_KEYWORDS.split())
BEFORE_A_TABLE = frozenset({"from", "join", "into", "update", "copy"})
FEWEST_SECONDS = 0.02


@dataclass
class Test:
    """A test function with all its values."""

    seconds: float = 0.0
    pieces: set[str] = field(default_factory=set)


@cache
def pieces(statement: str) -> frozenset[str]:
    """A statement as three neighbouring words each."""
    words = WORD.findall(statement)
    kinds = [
        _kind(word, before.lower(), after)
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)
    ]
    text = re.sub(r"c \. c", "c", " ".join(kinds))
    for many, one in ((r"\?( , \?)+", "?"), (r"(\( \? \) , )+", ""), (r"c( , c)+", "c")):
        text = re.sub(many, one, text)
    told = text.split()
    return frozenset(" ".join(told[at : at + 3]) for at in range(max(1, len(told) - 2)))


def _kind(word: str, before: str, after: str) -> str:
    name = word.strip('"').lower()
    if word[0] in "$'" or word[0].isdigit():
        return "?"
    if name in KEYWORDS or not (name[0].isalpha() or name[0] == "_"):
        return name
    if before in BEFORE_A_TABLE:
        return "T:" + re.sub(r"\d+", "", name)
    return f"{name}(" if after == "(" else "c"


def read(told: Path) -> dict[str, Test]:
    """The tests of a run by name, without their values."""
    tests: dict[str, Test] = defaultdict(Test)
    with told.open(encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            test = tests[one["id"].partition("[")[0]]
            test.seconds += max(one["seconds"], FEWEST_SECONDS)
            test.pieces.update(*map(pieces, one["asked"]))
    return dict(tests)


def left_out(tests: Mapping[str, Test], always: set[str]) -> list[str]:
    """Whoever asks nothing that those who stay do not ask."""
    needed = set().union(*(test.pieces for test in tests.values()))
    needed -= set().union(*(tests[name].pieces for name in always & tests.keys()))
    others = {name: test for name, test in tests.items() if name not in always}
    while needed:
        best = max(others, key=lambda name: len(others[name].pieces & needed) / others[name].seconds)
        needed -= others.pop(best).pieces
    return sorted(others)


def about_more_than_it_asks() -> Iterator[str]:
    """Tests whose text tells of kills, locks and threads, or that are about PostgreSQL itself."""
    for path in sorted(ROOT.glob("tests/*/test_*.py")):
        text = path.read_text("utf-8")
        lines, begin = text.splitlines(), text.partition("\ndef test_")[0]
        whole = "postgresql_only" in begin or "both_databases" in begin
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if whole or SEEN_NOT_ASKED.search("\n".join(lines[first - 1 : node.end_lineno])):
                yield f"{path.relative_to(ROOT).as_posix()}::{node.name}"


def main() -> None:
    """Run, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--told", type=Path, help="what an earlier run wrote down; without it the tests run now"
    )
    given: Path | None = parser.parse_args().told
    with tempfile.TemporaryDirectory() as folder:
        told = given or Path(folder) / "told.jsonl"
        if given is None:
            environment = {**os.environ, WHERE: str(told)}
            subprocess.run([sys.executable, "-m", "pytest", *RUN], cwd=ROOT, env=environment, check=True)
        tests = read(told)
    names = left_out(tests, set(about_more_than_it_asks()))
    FILE.write_text("".join(f"{name}\n" for name in names), "utf-8")
    saved = sum(tests[name].seconds for name in names)
    print(
        f"{len(names)} of {len(tests)} tests, {saved:.0f} of {sum(t.seconds for t in tests.values()):.0f} seconds of processor"
    )


if __name__ == "__main__":
    main()
