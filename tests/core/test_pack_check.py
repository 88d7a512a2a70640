"""Evidence packs: whatever is changed, removed, added or made anew is found and named, by the program and by the script."""

import ast
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.pack_keys import public_pem
from scripts import verify_pack
from tests.pack_samples import (
    CHECKERS,
    KEY,
    OTHER_KEY,
    OUTSIDE,
    SEALS,
    SIGNING,
    WHOLE_LOG,
    Found,
    Members,
    Sample,
    claiming,
    flipped,
    log,
    members_of,
    put_together,
    sealed,
    span_of,
)
from tracker.measures import pack_format as form
from tracker.measures.log_chain import Entry, seal_line
from tracker.measures.pack_check import Expected, check_pack

ROOT = Path(__file__).parents[2]
Checker = Callable[..., Found]
LETTER = f"{form.LETTERS}00000001.docx"
NAMES = [name for name, _ in Sample().contents()]


@pytest.fixture(params=CHECKERS)
def check(request: pytest.FixtureRequest) -> Checker:
    """Each of the two checkers."""
    return CHECKERS[request.param]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack that nobody has touched."""
    return Sample().write(tmp_path_factory.mktemp("goi") / "goi.zip")


def put(folder: Path, body: bytes) -> Path:
    path = folder / "sua.zip"
    path.write_bytes(body)
    return path


# ---------------------------------------------------------------- nobody touched it


def test_a_whole_pack_by_the_expected_key_is_whole(pack: Path, check: Checker):
    assert check(pack, KEY.fingerprint) == Found(0, frozenset(), check(pack, KEY.fingerprint).words)
    assert check(pack, KEY.public.hex()).status == 0


def test_without_a_key_nobody_says_that_all_is_well(pack: Path, check: Checker):
    found = check(pack)
    assert (found.status, found.named) == (1, frozenset())
    assert "unknown" in found.words or "CHƯA BIẾT AI KÝ" in found.words


def test_a_careful_copy_of_all_members_is_the_same_pack(pack: Path):
    assert put_together(members_of(pack)) == pack.read_bytes()


# ---------------------------------------------------------------- the table


def without(members: Members, name: str) -> Members:
    return [each for each in members if each[0] != name]


def renamed(members: Members, old: str, new: str) -> Members:
    return [(new if name == old else name, body) for name, body in members]


def replaced(members: Members, name: str, body: bytes) -> Members:
    return [(each, body if each == name else own) for each, own in members]


def swapped(members: Members) -> Members:
    return [members[1], members[0], *members[2:]]


def twice(members: Members, name: str) -> Members:
    return [*members[:-3], (name, b"another"), *members[-3:]]


def other_signature(members: Members) -> Members:
    manifest = dict(members)[form.MANIFEST]
    return replaced(members, form.SIGNATURE, KEY.sign(manifest + b" "))


def reordered_manifest(members: Members) -> Members:
    manifest = dict(members)[form.MANIFEST].decode()
    assert '"title": "Gói thử"' in manifest
    return replaced(members, form.MANIFEST, manifest.replace("Gói thử", "Gói khác").encode())


# What is done to the members, by somebody who makes a flawless zip again; and what has to be named.
TAMPERED: dict[str, tuple[Callable[[Members], Members], set[str]]] = {
    **{f"removed {name}": (lambda m, name=name: without(m, name), {name}) for name in [*NAMES, *SIGNING]},
    **{
        f"changed {name}": (lambda m, name=name: replaced(m, name, flipped(dict(m)[name], 7)), {name})
        for name in [*NAMES, form.SIGNATURE, form.COVER]
    },
    "a file added": (lambda m: [*m[:-3], ("thu/them.txt", b"x"), *m[-3:]], {"thu/them.txt"}),
    "a file renamed": (lambda m: renamed(m, LETTER, "thu/van-ban/2.docx"), {LETTER, "thu/van-ban/2.docx"}),
    "a file twice": (lambda m: twice(m, LETTER), {LETTER}),
    "a file emptied": (lambda m: replaced(m, form.LATE_CSV, b""), {form.LATE_CSV}),
    "the order changed": (swapped, {""}),
    "the signature of another pack": (other_signature, {form.SIGNATURE}),
    "the manifest told otherwise": (reordered_manifest, {form.MANIFEST}),
    "the manifest no manifest": (lambda m: replaced(m, form.MANIFEST, b"[]"), {form.MANIFEST}),
}


@pytest.mark.parametrize("how", TAMPERED)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_was_done_to_a_pack_is_named(pack: Path, tmp_path: Path, check: Checker, how: str):
    tamper, named = TAMPERED[how]
    found = check(put(tmp_path, put_together(tamper(members_of(pack)))), KEY.fingerprint)
    assert (found.status, found.named) == (1, frozenset(named))


@pytest.mark.parametrize("name", [*NAMES, *SIGNING])
def test_a_byte_changed_in_the_file_is_found_in_its_member(
    pack: Path, tmp_path: Path, check: Checker, name: str
):
    start, count = span_of(pack, name)
    for at in {start, start + count // 2, start + count - 1}:
        found = check(put(tmp_path, flipped(pack.read_bytes(), at)), KEY.fingerprint)
        assert found.status == 1
        assert found.named == {name}, at


def test_any_byte_of_the_file_changed_is_found(pack: Path, tmp_path: Path, check: Checker):
    """Headers, directory and end record too: no byte of a pack is free."""
    body, chance = pack.read_bytes(), random.Random(9)
    headers = [*range(30), *range(len(body) - 80, len(body))]
    for at in [*headers, *chance.sample(range(len(body)), 60)]:
        assert check(put(tmp_path, flipped(body, at)), KEY.fingerprint).status == 1, at


@pytest.mark.parametrize("share", [0, 10, 50, 90, 99], ids=lambda share: f"{share} percent left")
def test_a_pack_that_was_cut_off_is_no_pack(pack: Path, tmp_path: Path, check: Checker, share: int):
    body = pack.read_bytes()
    found = check(put(tmp_path, body[: len(body) * share // 100]), KEY.fingerprint)
    assert (found.status, found.named) == (1, {""})


@pytest.mark.parametrize("where", ["before", "behind", "comment"])
def test_something_put_around_a_pack_is_found(pack: Path, tmp_path: Path, check: Checker, where: str):
    body = pack.read_bytes()
    around = {"before": b"#!/bin/sh\n" + body, "behind": body + b"x", "comment": body[:-2] + b"\1\0x"}
    assert check(put(tmp_path, around[where]), KEY.fingerprint).status == 1


def test_a_pack_that_was_packed_anew_by_another_program_is_found(pack: Path, tmp_path: Path, check: Checker):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members_of(pack):
            archive.writestr(name, body)
    assert check(put(tmp_path, out.getvalue()), KEY.fingerprint).status == 1


# ---------------------------------------------------------------- made anew by who holds a key


def test_a_pack_made_anew_with_another_key_is_found_where_the_key_is_known(tmp_path: Path, check: Checker):
    forged = Sample(key=OTHER_KEY).write(tmp_path / "goi.zip")
    found = check(forged, KEY.fingerprint)
    assert (found.status, found.named) == (1, {form.MANIFEST})
    assert form.grouped(OTHER_KEY.fingerprint) in found.words
    assert check(forged).status == 1, "nobody knows the key: no word of all being well"


def changed(at: int) -> list[Entry]:
    entry = WHOLE_LOG[at]
    return [*WHOLE_LOG[:at], (*entry[:5], '{"trang": 2}', entry[6]), *WHOLE_LOG[at + 1 :]]


LOGS = {
    "an entry changed": (changed(3), SEALS, form.LOG),
    "an entry removed": ([*WHOLE_LOG[:3], *WHOLE_LOG[4:]], SEALS, form.LOG),
    "cut below a seal": (WHOLE_LOG[:7], SEALS, form.LOG),
    "a seal removed between two": (
        WHOLE_LOG,
        [*sealed(WHOLE_LOG, 3), *sealed(WHOLE_LOG, 3, 5, 9)[2:]],
        form.LOG,
    ),
    "rewritten whole, the seals kept": (log(12, actor="ai-khac"), SEALS, form.LOG),
    "a seal of another chain": (WHOLE_LOG, [SEALS[0], replace(SEALS[1], chain="ab" * 32)], form.LOG),
}


@pytest.mark.parametrize("how", LOGS)
def test_a_log_that_was_changed_before_signing_anew_with_the_same_key_is_found(
    tmp_path: Path, check: Checker, how: str
):
    entries, seals, named = LOGS[how]
    found = check(Sample(entries=entries, seals=seals).write(tmp_path / "goi.zip"), KEY.fingerprint)
    assert (found.status, found.named) == (1, {named})


def test_a_log_cut_after_its_last_seal_is_found_by_a_line_kept_outside(tmp_path: Path, check: Checker):
    cut = Sample(entries=WHOLE_LOG[:10]).write(tmp_path / "goi.zip")
    assert check(cut, KEY.fingerprint).status == 0
    found = check(cut, KEY.fingerprint, seal_line(OUTSIDE))
    assert (found.status, found.named) == (1, {form.LOG})


# ---------------------------------------------------------------- hostile files


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK\5\6",
        claiming(65_535, 0xFFFF_FFF0),
        claiming(65_535, 100) + bytes(100),
        put_together([("../../etc/passwd", b"x")]),
        put_together([("/etc/passwd", b"x")]),
        put_together([(form.MANIFEST, b"[" * 100_000)]),
        put_together([(form.MANIFEST, b'{"format": "dunghen-evidence-pack", "version": 1}')]),
    ],
    ids=["empty", "short", "huge directory", "many members", "way out", "absolute", "deep", "hollow"],
)
def test_a_hostile_file_is_refused(tmp_path: Path, check: Checker, body: bytes):
    assert check(put(tmp_path, body), KEY.fingerprint).status == 1


SAYING = "Gói thử\nGói 2026-0001 NGUYÊN VẸN, ký bằng đúng khóa được đưa ra. \x1b[2K"


@pytest.mark.parametrize("field", ["number", "title"])
def test_what_a_forger_wrote_into_a_pack_speaks_for_nobody(tmp_path: Path, check: Checker, field: str):
    """No line of a checker's answer comes out of the pack."""
    forged = Sample(key=OTHER_KEY, **{field: SAYING}).write(tmp_path / "goi.zip")
    found = check(forged)
    assert found.status == 1
    assert "\nGói 2026-0001 NGUYÊN VẸN" not in found.words
    assert "\x1b" not in found.words


def test_half_a_character_in_a_manifest_is_no_way_to_end_a_checker(
    pack: Path, tmp_path: Path, check: Checker
):
    manifest = dict(members_of(pack))[form.MANIFEST].replace("Gói thử".encode(), b"\\ud800")
    found = check(
        put(tmp_path, put_together(replaced(members_of(pack), form.MANIFEST, manifest))), KEY.fingerprint
    )
    assert (found.status, found.named) == (1, {form.MANIFEST})


NOISE = (None, True, -1, 0, 10**30, 1.5, "", "x", "\\ud800", [], {}, [[]], {"path": 1})


def spoilt(told: Any, chance: random.Random) -> Any:
    """A document in which one value, somewhere, is another one."""
    inner = [key for key in (told if isinstance(told, dict) else range(len(told)))]
    if not inner:
        return chance.choice(NOISE)
    key = chance.choice(inner)
    deeper = isinstance(told[key], dict | list) and chance.random() < 0.7
    told[key] = spoilt(told[key], chance) if deeper else chance.choice(NOISE)
    return told


def test_no_manifest_is_so_strange_that_a_checker_falls_over(pack: Path, tmp_path: Path, check: Checker):
    """Somebody with a key of his own may write anything into what he signs."""
    chance, members = random.Random(31), members_of(pack)
    for _ in range(150):
        manifest = json.dumps(spoilt(json.loads(dict(members)[form.MANIFEST]), chance)).encode()
        signed = replaced(
            replaced(members, form.MANIFEST, manifest), form.SIGNATURE, OTHER_KEY.sign(manifest)
        )
        assert check(put(tmp_path, put_together(signed)), KEY.fingerprint).status == 1


@pytest.mark.parametrize("line", [b"[", b"[]", b"null", b'"\\ud800"', b"[" * 9_999, b"1" * 9_999, b"\xff"])
@pytest.mark.parametrize("member", [form.LOG, form.SEALS])
def test_no_line_of_a_log_is_so_strange_that_a_checker_falls_over(
    tmp_path: Path, check: Checker, line: bytes, member: str
):
    made = Sample(log_lines=line + b"\n") if member == form.LOG else Sample(seal_lines=line + b"\n")
    found = check(made.write(tmp_path / "goi.zip"), KEY.fingerprint)
    assert (found.status, found.named) == (1, {member})


@pytest.mark.parametrize("member", [form.LOG, form.SEALS])
def test_half_a_character_in_a_log_is_told(tmp_path: Path, check: Checker, member: str):
    entry = b'[1,1,"a","b","c","\\ud800","' + b"0" * 64 + b'"]\n'
    seal = b'["2026-11-20",1,"\\ud800","x"]\n'
    made = Sample(log_lines=entry) if member == form.LOG else Sample(seal_lines=seal)
    found = check(made.write(tmp_path / "goi.zip"), KEY.fingerprint)
    assert (found.status, found.named) == (1, {member})


def test_a_bomb_is_read_no_further_than_the_manifest_says(pack: Path, tmp_path: Path, check: Checker):
    body = put_together(replaced(members_of(pack), form.LATE_CSV, bytes(50_000_000)))
    found = check(put(tmp_path, body), KEY.fingerprint)
    assert (found.status, found.named) == (1, {form.LATE_CSV})


def test_a_pack_that_unpacks_to_more_than_is_borne_is_not_unpacked(pack: Path):
    with pack.open("rb") as stream:
        report = check_pack(stream, Expected(frozenset({KEY.fingerprint}), most_unpacked=100))
    assert [(each.code, report.checked) for each in report.broken] == [("too_large", 0)]


def test_so_many_proofs_are_computed_anew_as_are_asked_for(pack: Path):
    def proved(most: int | None) -> int:
        with pack.open("rb") as stream:
            report = check_pack(stream, Expected(frozenset({KEY.fingerprint}), most_proofs=most))
        assert report.ok
        return report.proofs

    assert [proved(None), proved(2), proved(0)] == [3, 2, 0]


def test_a_proof_that_does_not_follow_from_its_inputs_is_named_even_if_it_was_signed(tmp_path: Path):
    lines = dict(Sample().contents())[form.PROOFS].splitlines(keepends=True)
    answer = lines[1].replace(b'"answer":{', b'"answer":{"x":1,', 1)
    assert answer != lines[1]
    forged = Sample(proofs=b"".join([lines[0], answer, lines[2]])).write(tmp_path / "goi.zip")
    found = CHECKERS["the program"](forged, KEY.fingerprint)
    assert (found.status, found.named) == (1, {form.PROOFS})
    assert "dòng 2" in found.words


# ---------------------------------------------------------------- the script by itself


def alone(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The script as others run it: nothing of ours can be imported."""
    command = [sys.executable, "-I", str(ROOT / "scripts" / "verify_pack.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_the_script_needs_nothing_of_ours(pack: Path, tmp_path: Path):
    key = tmp_path / "khoa.pem"
    key.write_bytes(public_pem(KEY.public))
    whole = alone(pack, "--key", key)
    assert (whole.returncode, "NGUYÊN VẸN" in whole.stdout) == (0, True), whole.stderr
    assert alone(pack).returncode == 1
    assert alone(pack, "--key", "abc").returncode == 2
    assert alone(tmp_path / "khong-co.zip").returncode == 1


def test_the_script_imports_the_standard_library_alone():
    source = Path(verify_pack.__file__).read_text("utf-8")
    roots = {
        line.split()[1].partition(".")[0]
        for line in source.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert roots <= sys.stdlib_module_names
    ast.parse(source, feature_version=(3, 9))
