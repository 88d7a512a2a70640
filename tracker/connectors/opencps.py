"""OpenCPS v2 over REST: `GET /dossiers` with the header `groupId`, page after page, the latest changed first.

Latest first, because what changes while we read moves to the front: others move behind and are read twice at most, and
what moved is read by the next pull, which begins at the time of this pull's first record. Where the list does not come
in that order, or without times, every pull reads all of it.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from tracker.connectors.calling import Caller, Passing, Request
from tracker.connectors.moments import comparable, plain
from tracker.connectors.opencps_records import element_of, is_numbered
from tracker.connectors.pages import Mark, Page

# Pages overlap by so many records, so that one which is deleted meanwhile does not hide its neighbour.
OVERLAP = 5
# So many pages without anything new may come of a mass change at the other side.
MOST_REPEATS = 3
SORTED_BY = {"sort": "modified", "order": "true"}  # true = descending
NO_JSON = "trả lời không phải JSON trọn vẹn"


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a pull has come: `newest` is the time of its first record, `last` the record it read last, `total` how
    many there were then.

    `is_ordered`: all records came latest first. `since`: what an earlier pull has read already ends there.
    """

    since: str = ""
    newest: str = ""
    start: int = 0
    last: str = ""
    total: int | None = None
    is_ordered: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the list."""

    records: tuple[Mapping[str, Any], ...]
    total: int | None
    sha256: str


class OpenCps:
    """Asks one site of an OpenCPS system."""

    def __init__(self, caller: Caller, group: str, secret: str, page_size: int) -> None:
        self._caller, self._page_size = caller, page_size
        told = base64.b64encode(secret.encode()).decode()
        self._headers = {"groupId": group, "Authorization": f"Basic {told}"}

    def pages(self, mark: Mark) -> Iterator[Page]:
        """All records that have changed since the last whole pull; a pull that was cut off goes on where it stood."""
        walk, before, repeats = _walk_of(mark), frozenset[tuple[str, str]](), 0
        while True:
            begin, reply = self._behind(walk)
            new = [one for one in reply.records if (_id(one), _changed(one)) not in before]
            repeats = 0 if new or not reply.records else repeats + 1
            if repeats > MOST_REPEATS:
                raise self._caller.failed("trả lại mãi một trang, không theo start và end")
            before = frozenset((_id(one), _changed(one)) for one in reply.records)
            walk = _after(walk, begin, reply)
            if walk.is_ordered and walk.since:
                new = [one for one in new if _changed(one) >= walk.since]
            is_last = self._is_last(walk, reply)
            yield self._page(walk, reply, new, is_last=is_last)
            if is_last:
                return

    def _behind(self, walk: Walk) -> tuple[int, Reply]:
        """The page behind what was read, with the place it begins at."""
        begin, end = max(0, walk.start - OVERLAP), walk.start + self._page_size
        reply = self._list(begin, end)
        if begin and walk.last not in map(_id, reply.records):
            return self._further_back(walk, reply)
        if reply.records and begin + len(reply.records) <= walk.start < _total(reply):
            # The system gives shorter pages than pages overlap.
            return walk.start, self._list(walk.start, end)
        return begin, reply

    def _further_back(self, walk: Walk, reply: Reply) -> tuple[int, Reply]:
        """The record that was read last is gone or has moved: back by a page, and by as many as have been taken out."""
        while True:
            fewer, before = max(0, (walk.total or 0) - (reply.total or 0)), _total(reply)
            begin = max(0, walk.start - self._page_size - fewer)
            reply = self._list(begin, begin + 2 * self._page_size)
            if begin == 0 or _total(reply) >= before:
                return begin, reply

    def _is_last(self, walk: Walk, reply: Reply) -> bool:
        if not reply.records or walk.start >= _total(reply):
            return True
        if walk.is_ordered and walk.since and _changed(reply.records[-1]) < walk.since:
            return True
        return reply.total is None and len(reply.records) < self._page_size

    def _page(self, walk: Walk, reply: Reply, records: list[Mapping[str, Any]], *, is_last: bool) -> Page:
        dossiers = [one for one in records if is_numbered(one)]
        done = {"since": walk.newest if walk.is_ordered else ""}
        return Page(
            name=f"{self._caller.name}: hồ sơ {walk.start - len(reply.records) + 1}-{walk.start}",
            elements=tuple(map(element_of, dossiers)),
            sha256=reply.sha256,
            mark=done if is_last else {"walk": asdict(walk)},
            done=walk.start,
            total=None if walk.since and walk.is_ordered else reply.total,
            left_out=len(records) - len(dossiers),
        )

    def _list(self, start: int, end: int) -> Reply:
        query = urlencode({"start": start, "end": end, **SORTED_BY})
        request = Request("GET", f"/dossiers?{query}", self._headers)
        reply = self._caller.ask(request, lambda body: self._read(body, end - start))
        # A total below what is there in fact says nothing.
        is_sound = _total(reply) >= start + len(reply.records) or not reply.records
        return reply if is_sound else replace(reply, total=None)

    def _read(self, body: bytes, asked: int) -> Reply:
        try:
            told = json.loads(body)
        except RecursionError as error:
            raise self._caller.failed("JSON lồng nhau quá sâu") from error
        except ValueError as error:
            raise Passing(NO_JSON) from error
        if not isinstance(told, dict) or not isinstance(records := told.get("data", []), list):
            raise self._caller.failed("trả lời không phải danh sách hồ sơ (thiếu total, data)")
        if len(records) > asked:
            raise self._caller.failed(f"trả {len(records)} hồ sơ khi chỉ hỏi {asked}")
        total = told.get("total")
        is_count = isinstance(total, int) and not isinstance(total, bool) and total >= 0
        # What is no object has no code, and is rejected as such where it can be seen.
        told_of = tuple(one if isinstance(one, dict) else {} for one in records)
        return Reply(told_of, total if is_count else None, sha256(body).hexdigest())


def _walk_of(mark: Mark) -> Walk:
    walk = mark.get("walk")
    return Walk(**walk) if walk else Walk(since=mark.get("since", ""))


def _after(walk: Walk, begin: int, reply: Reply) -> Walk:
    """The walk with a page behind it."""
    times = [_changed(one) for one in reply.records]
    ordered = walk.is_ordered and all(times) and all(a >= b for a, b in pairwise(times))
    end = begin + len(reply.records)
    last = _id(reply.records[-1]) if reply.records else walk.last
    newest = walk.newest or (times[0] if times else walk.since)
    return replace(walk, newest=newest, start=end, last=last, total=reply.total, is_ordered=ordered)


def _total(reply: Reply) -> float:
    return float("inf") if reply.total is None else reply.total


def _id(record: Mapping[str, Any]) -> str:
    return plain(record.get("dossierId")) or plain(record.get("referenceUid"))


def _changed(record: Mapping[str, Any]) -> str:
    return comparable(record.get("modifiedDate"))
