"""The stages of the letters benchmark, each run in a process of its own so that its peak memory is its own.

`python -m benchmarks.letters_stages STAGE ARGUMENTS…` prints one JSON line: seconds, peak MiB, what the stage counted.
"""

import os
import pickle
import resource
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from benchmarks.letters_ways import WAYS, Ready
from benchmarks.stages import AS_OF, command, main, peak_mib
from letters.case import Names, facts_of_stored
from letters.compiled import render
from letters.content import LetterContent, write
from letters.forms import load_forms
from letters.issue import draft
from letters.register import LetterFolder
from letters.reissue import LetterScope
from tests.letter_world import policy
from tracker.store.letter_candidates import LIVE, load_catalogue
from tracker.store.letter_store import stored_letters
from tracker.store.session import Store, open_store

# So many different letters are made over and over; spread evenly over all that were drafted.
SAMPLE = 5_000
OFFICE_SECONDS = 1_800.0
Write = Callable[[str, str, bytes], None]


class Watch:
    """Seconds on the wall and of this process's own work since it was made; only the latter bear a busy machine."""

    def __init__(self) -> None:
        self._wall, self._work = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Both, by name."""
        return {
            "seconds": time.perf_counter() - self._wall,
            "work_seconds": time.process_time() - self._work,
        }


def drafted(url: str, root: str) -> dict[str, Any]:
    """Ours with the register: from the store's dossiers to files and rows, as `dunghen letters draft` does."""
    store = open_store(url)
    folder = LetterFolder(Path(root), Path(root).parent)
    rules = policy()
    os.sync()
    base, watch = peak_mib(), Watch()
    report = draft(store, LetterScope(AS_OF), rules, folder, now=AS_OF, actor="benchmark")
    taken = watch.read()
    store.close()
    return {**taken, "letters": report.written, "base_mib": round(base)}


def sampled(url: str, file: str, written: str) -> dict[str, Any]:
    """Letters of the register as values, spread evenly, into a file for the other stages."""
    store = open_store(url)
    step = max(1, int(written) // SAMPLE)
    sample = list(islice(_every(step, store), SAMPLE))
    store.close()
    Path(file).write_bytes(pickle.dumps(sample))
    return {"letters": len(sample)}


def _every(step: int, store: Store) -> Iterator[Ready]:
    forms = load_forms()
    with store.read() as session:
        names = Names(load_catalogue(session))
        letters = (letter for chunk in stored_letters(session, states=LIVE) for letter in chunk)
        for letter in islice(letters, 0, None, step):
            facts = facts_of_stored(letter, names)
            content = write(facts, forms, forms.by_key(letter.form))
            if isinstance(content, LetterContent):
                *_root, unit, month, name = letter.file.split("/")
                yield Ready(f"{unit}/{month}", name, facts, letter.form, content)


def written(way: str, file: str, root: str, letters: str) -> dict[str, Any]:
    """One way of making letters, to files; a letter that is made again gets another name."""
    sample: list[Ready] = pickle.loads(Path(file).read_bytes())
    wanted = list(islice(_turns(sample), int(letters)))
    make = WAYS[way](sample[: len(wanted)])
    put = _bare(Path(root)) if way == "floor" else LetterFolder(Path(root), Path(root).parent).write
    os.sync()
    base, watch = peak_mib(), Watch()
    for ready, name in wanted:
        put(ready.shelf, name, make(ready))
    return {**watch.read(), "letters": len(wanted), "base_mib": round(base)}


def _turns(sample: list[Ready]) -> Iterator[tuple[Ready, str]]:
    yield from ((ready, ready.name) for ready in sample)
    for turn in count(1):
        yield from ((ready, f"{turn}_{ready.name}") for ready in sample)


def _bare(root: Path) -> Write:
    """A file by the system's own calls, nothing else; a folder is made when it is met first."""
    made: set[str] = set()

    def put(shelf: str, name: str, body: bytes) -> None:
        folder = f"{root}/{shelf}"
        if shelf not in made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            made.add(shelf)
        file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(file, body)
        os.close(file)

    return put


def printed(file: str, folder: str, letters: str) -> dict[str, Any]:
    """Letters for the printer: many in one .docx, each of these a PDF by one call of LibreOffice."""
    from letters.print_batch import MOST_LETTERS, merge_letters
    from tests.documents.office import to_pdf

    contents = [ready.content for ready in pickle.loads(Path(file).read_bytes())[: int(letters)]]
    Path(folder).mkdir()
    os.sync()
    base, started = peak_mib(), time.perf_counter()
    documents = []
    for first in range(0, len(contents), MOST_LETTERS):
        merged = merge_letters(map(render, contents[first : first + MOST_LETTERS]))
        if merged.left_out:
            raise ValueError(f"not merged: {merged.left_out[:3]}")
        documents.append(Path(folder, f"{first}.docx"))
        documents[-1].write_bytes(merged.docx)
    together = time.perf_counter()
    to_pdf(documents, Path(folder), OFFICE_SECONDS)
    return {
        "seconds": time.perf_counter() - started,
        "merge_seconds": together - started,
        "letters": len(contents),
        "files": len(documents),
        "base_mib": round(base),
        "office_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    }


STAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "command": command,
    "draft": drafted,
    "sample": sampled,
    "write": written,
    "print": printed,
}


if __name__ == "__main__":
    main(STAGES)
