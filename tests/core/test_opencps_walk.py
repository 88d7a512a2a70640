"""Reading a list that changes under one's hands: after two pulls nothing is missing, whatever happened between the pages."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.connectors.calling import Request
from tracker.connectors.opencps import OpenCps
from tracker.connectors.pages import Mark
from tracker.errors import SourceFailed

PAGE = 12
# What happens before a call: dossiers by place that are changed or deleted, how many are new, does the clock go on.
PLACES = st.lists(st.integers(0, 200), max_size=3)
BETWEEN = st.tuples(PLACES, PLACES, st.integers(0, 3), st.booleans())


@dataclass
class ChangingList:
    """A list as OpenCPS gives it, latest changed first; it stands in for whoever calls."""

    happenings: list[Any]
    name: str = "motcua"
    second: int = 0
    changed: dict[int, int] = field(default_factory=dict)  # id -> second of its change
    purge_before: int = 0  # the call before which most of what stands in front is deleted at once
    calls: int = 0

    def failed(self, what: str) -> SourceFailed:
        """As the one who calls tells it."""
        return SourceFailed(self.name, what)

    def ask(self, request: Request, read: Callable[[bytes], Any]) -> Any:
        """A page, after something has happened."""
        self.calls += 1
        assert self.calls < 500
        if self.happenings:
            self.happen(*self.happenings.pop(0))
        if self.calls == self.purge_before:
            for record in self.listed()[:40]:
                del self.changed[record["dossierId"]]
        query = parse_qs(urlsplit(request.path).query)
        start, end = int(query["start"][0]), int(query["end"][0])
        return read(json.dumps({"total": len(self.changed), "data": self.listed()[start:end]}).encode())

    def listed(self) -> list[dict[str, Any]]:
        """All records in order."""
        ordered = sorted(self.changed.items(), key=lambda one: (one[1], one[0]), reverse=True)
        return [
            {"dossierId": number, "dossierNo": f"H-{number}", "modifiedDate": f"20260801{second:06d}"}
            for number, second in ordered
        ]

    def happen(self, touched: list[int], deleted: list[int], new: int, goes_on: bool) -> None:
        """Dossiers are changed, deleted and added."""
        self.second += goes_on
        for place in deleted:
            if self.changed:
                del self.changed[sorted(self.changed)[place % len(self.changed)]]
        for place in touched:
            if self.changed:
                self.changed[sorted(self.changed)[place % len(self.changed)]] = self.second
        for _ in range(new):
            self.changed[max(self.changed, default=0) + 1] = self.second


def pulled(system: ChangingList, mark: Mark, told: dict[str, str], *, pages: int = 10_000) -> Mark:
    """Pull at most so many pages; the bookmark behind the last of them. `told`: code -> time of change as told last."""
    asking: Any = OpenCps(system, "1", "a:b", PAGE)  # type: ignore[arg-type]
    for number, page in enumerate(asking.pages(mark), 1):
        mark = json.loads(json.dumps(page.mark))
        for element in page.elements:
            told[element["MaHoSo"]] = max(told.get(element["MaHoSo"], ""), element["NgayCapNhat"])
        if number == pages:
            break
    return mark


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    size=st.integers(0, 90),
    seconds=st.integers(1, 90),
    happenings=st.lists(BETWEEN, max_size=25),
    cuts=st.lists(st.integers(1, 5), max_size=3),
    purge=st.integers(0, 12),
)
def test_whatever_happens_between_pages_two_pulls_tell_everything_that_is_there(
    size: int, seconds: int, happenings: list[Any], cuts: list[int], purge: int
):
    """`cuts`: the first pull is cut off after so many pages, and gone on with by its bookmark."""
    system = ChangingList(happenings, second=seconds, purge_before=purge)
    system.changed = {number: number % seconds for number in range(size)}
    told: dict[str, str] = {}
    mark: Mark = {}
    for pages in cuts:
        mark = pulled(system, mark, told, pages=pages)
    mark = pulled(system, mark, told)
    system.happenings.clear()
    pulled(system, mark, told)
    there = {one["dossierNo"]: one["modifiedDate"] for one in system.listed()}
    assert {code: told.get(code) for code in there} == there


def test_a_pull_of_a_list_that_stands_still_asks_for_each_page_once():
    system = ChangingList([])
    system.changed = {number: number for number in range(100)}
    mark = pulled(system, {}, {})
    assert system.calls == 9
    system.calls = 0
    told: dict[str, str] = {}
    assert pulled(system, mark, told) == mark
    assert (system.calls, list(told)) == (1, ["H-99"])
