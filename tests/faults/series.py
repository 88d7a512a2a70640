"""Many trials: each fault befalls each act, at a moment by chance. As a program, those of a full disk, on a disk of its own.

`python -m tests.faults.series --folder F [--database postgresql --server-folder G] --seed N --times N [--acts a,b]` tells its
trials as JSON lines.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from tests import databases, postgres
from tests.databases import POSTGRESQL, SQLITE, PostgresqlServer, SqliteFiles
from tests.faults import injections
from tests.faults.acts import ACTS, ActKind, copied, made
from tests.faults.small_disk import LimitedFiles, Room, SmallDisk, full
from tests.faults.trial import Standing, Trial, attempt, undisturbed
from tests.flows.office import Answer, Office
from tests.postgres import Server

# Room on a full disk: nothing, what a small file needs, what half of the act needs.
LEFT = (0, 8_000, 40_000, 120_000, 300_000, 700_000)
MENDED_SECONDS = 6.0
First = Callable[[Office], Answer]


@dataclass
class Place:
    """Where trials are made: a base to be copied, and what faults need."""

    folder: Path
    chance: random.Random
    server: Server | None = None
    room: Room | None = None
    left: Sequence[int] = LEFT
    base: Office = field(init=False)
    _expected: dict[str, Standing] = field(default_factory=dict)
    _moments: dict[tuple[str, bool], int] = field(default_factory=dict)
    _number: int = 0

    def furnish(self) -> None:
        """Make the office that all trials begin with."""
        self.base = made(Office(self._new("base")).furnished())

    def expected(self, act: ActKind) -> Standing:
        """What stands after the act where nothing befell it."""
        if act.name not in self._expected:
            with self._scratch(act) as folder:
                self._expected[act.name] = undisturbed(self.base, act, folder)
        return self._expected[act.name]

    def moment(self, act: ActKind, *, files: bool) -> int:
        """One of the moments of an act."""
        if (act.name, files) not in self._moments:
            with self._scratch(act) as folder:
                office = copied(self.base, folder)
                self._moments[act.name, files] = injections.count_moments(office, act.do, files=files)
        return self.chance.randint(1, self._moments[act.name, files])

    def trial(self, fault: "FaultKind", act: ActKind) -> Trial:
        """One trial of this fault on this act."""
        expected, first = self.expected(act), fault.first(self, act)
        with self._scratch(act) as folder:
            return attempt(Trial(fault.name, act.name), copied(self.base, folder), act, first, expected)

    @contextmanager
    def _scratch(self, act: ActKind) -> Iterator[Path]:
        """A folder for an office, which goes with it: disks are small."""
        folder = self._new(act.name)
        with databases.forgotten_afterwards():
            yield folder
        shutil.rmtree(folder, ignore_errors=True)

    def _new(self, name: str) -> Path:
        self._number += 1
        folder = self.folder / f"{name}-{self._number}"
        folder.mkdir(parents=True)
        return folder


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way to disturb; `first`: the disturbed act, made for one trial."""

    name: str
    databases: frozenset[str]
    first: Callable[[Place, ActKind], First]


def _within(
    during: Callable[[Place, ActKind, Office], AbstractContextManager[object]],
) -> Callable[[Place, ActKind], First]:
    """The act while something lasts."""

    def first(place: Place, act: ActKind) -> First:
        def do(office: Office) -> Answer:
            with during(place, act, office):
                return act.do(office)

        return do

    return first


def _killed(place: Place, act: ActKind) -> First:
    at = place.moment(act, files=True)
    return lambda office: injections.killed_at(office, act.do, at)


def _server(place: Place) -> Server:
    assert place.server
    return place.server


def _full(place: Place, act: ActKind) -> First:
    left = place.chance.choice(place.left)

    def do(office: Office) -> Answer:
        assert place.room
        # A worker that cannot write down how its work ended waits for the disk, however long: somebody makes room in the end.
        mending = Timer(MENDED_SECONDS, place.room.free)
        mending.start()
        with full(place.room, left):
            answer = act.do(office)
        mending.cancel()
        if place.server:
            place.server.revive()
        return answer

    return do


BOTH = frozenset({SQLITE, POSTGRESQL})
ON_A_SERVER = frozenset({POSTGRESQL})
FAULTS: Mapping[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind("killed", BOTH, _killed),
        FaultKind("locked", BOTH, _within(lambda _p, _a, office: injections.locked(office, for_good=True))),
        FaultKind("locked for a moment", BOTH, _within(lambda _p, _a, office: injections.locked(office, for_good=False))),
        FaultKind("connection lost", ON_A_SERVER, _within(lambda place, act, office: injections.cut_off_at(office, place.moment(act, files=False)))),
        FaultKind("server crashed", ON_A_SERVER, _within(lambda place, act, _o: injections.restarted_at(_server(place), place.moment(act, files=False), how=signal.SIGQUIT))),
        FaultKind("server restarted", ON_A_SERVER, _within(lambda place, act, _o: injections.restarted_at(_server(place), place.moment(act, files=False), how=signal.SIGINT))),
        FaultKind("server away", ON_A_SERVER, _within(lambda place, _a, _o: injections.away(_server(place)))),
        FaultKind("disk full", BOTH, _full),
    )
}  # fmt: skip
OF_DISK = "disk full"


def trials(place: Place, faults: Sequence[str], acts: Sequence[str], times: int) -> Iterator[Trial]:
    """Each fault on each act, so many times each."""
    for name in faults:
        for act in acts:
            for _turn in range(times):
                yield place.trial(FAULTS[name], ACTS[act])


def told(trial: Trial) -> dict[str, object]:
    """A trial as JSON; of its answers the words of the first."""
    return {
        "fault": trial.fault, "act": trial.act, "statuses": [each.status for each in trial.answers], "told": trial.told,
        "lost": trial.lost, "doubled": trial.doubled, "wrong": trial.wrong,
    }  # fmt: skip


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--server-folder", type=Path)
    parser.add_argument("--limit", action="store_true", help="no small disk: the limit on the size of files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--acts", default=",".join(ACTS))
    parser.add_argument("--left", type=int, nargs="*", default=LEFT, help="bytes that stay free")
    asked = parser.parse_args()
    server, kind = None, LimitedFiles if asked.limit else SmallDisk
    if asked.server_folder:
        tempfile.tempdir = str(asked.server_folder)
        server = postgres.start(durable=True)
        tempfile.tempdir = None
    else:
        os.environ["TMPDIR"] = str(asked.folder)  # what is written for a moment lies on the full disk, too
    databases.choose(PostgresqlServer(server.url, "faults") if server else SqliteFiles())
    room = kind(asked.server_folder or asked.folder)
    place = Place(asked.folder / "offices", random.Random(asked.seed), server, room, asked.left)
    try:
        place.furnish()
        for trial in trials(place, [OF_DISK], asked.acts.split(","), asked.times):
            sys.stdout.write(json.dumps({**told(trial), "room": room.kind}, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    finally:
        if server:
            databases.chosen().close()
            server.stop()


if __name__ == "__main__":
    main()
