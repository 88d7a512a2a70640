"""Figures about the running program for a monitoring system (Prometheus text format): how old work and messages are, how
far behind the data, who was heard of, how long pages take. Counts and times alone; no person, no dossier, no address.

What stands in the database is read when it is asked for, so every web process tells the same; how long pages take, each
process tells of itself.
"""

from collections.abc import Iterator
from datetime import datetime
from time import perf_counter
from typing import Any

from flask import Flask, current_app, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from werkzeug.wrappers import Response

from app import current, replica_check
from app.context import AppContext
from app.oplog.writing import counts
from app.watchdog import gather
from tracker.measures.health import Facts, findings
from tracker.store import batches, outbox_queries, work
from tracker.store.replica import State

EXTENSION = "metrics"
# Seconds; what pages shall reach (15 ms, 100 ms, 300 ms) is a border each.
BORDERS = (0.005, 0.015, 0.05, 0.1, 0.3, 1, 3, 10, 30)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The figures of one web process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._pages = Histogram(
            "dunghen_request_seconds",
            "Time of a request within this process, by blueprint and class of status",
            ("place", "status"),
            buckets=BORDERS,
            registry=self._registry,
        )

    def install(self, app: Flask) -> None:
        """Take the time of every request of an application."""
        app.extensions[EXTENSION] = self
        app.before_request(_begin)
        app.after_request(self._end)

    def _end(self, answer: Response) -> Response:
        begun = g.pop("begun", None)
        if begun is not None:
            place = request.blueprint or "other"
            status = f"{answer.status_code // 100}xx"
            self._pages.labels(place, status).observe(perf_counter() - begun)
        return answer

    def text(self, context: AppContext, now: datetime) -> bytes:
        """Everything at this moment, as Prometheus reads it."""
        registry = CollectorRegistry()
        registry.register(_Told(context, now))
        registry.register(_Lines())
        return generate_latest(self._registry) + generate_latest(registry)


def _begin() -> None:
    g.begun = perf_counter()


class _Told:
    """What the database says, once."""

    def __init__(self, context: AppContext, now: datetime) -> None:
        self._context, self._now = context, now

    def collect(self) -> Iterator[Any]:
        """As of prometheus_client."""
        facts = gather(self._context, self._now)
        with self._context.store.read() as session:
            states = work.count_by_state(session)
            messages = outbox_queries.counts_by_state(session)
            loaded = batches.last_known(session)
        yield from self._ages(facts, loaded)
        yield _by(
            "dunghen_work", "Pieces of long work by state", "state", {k.value: n for k, n in states.items()}
        )
        yield _by("dunghen_messages", "Messages of the outbox by state", "state", messages)
        yield GaugeMetricFamily("dunghen_jobs_late", "Jobs an hour behind their time", len(facts.jobs_late))
        yield GaugeMetricFamily("dunghen_work_silent", "Work whose process is silent", facts.work_silent)
        ills = {each.code: 1 for each in findings(facts, self._now)}
        yield _by("dunghen_finding", "What the watchdog finds wrong now (1 each)", "code", ills)
        if facts.disk_free is not None:
            yield GaugeMetricFamily(
                "dunghen_disk_free_bytes", "Free on the data folder's disk", facts.disk_free
            )

        yield from self._replica()

    def _replica(self) -> Iterator[Any]:
        """The replica that reports are read from, where there is one; what it could not be asked has no line."""
        found = replica_check.standing(self._context)
        if found is None:
            return
        states = {state.value: int(state is found.state) for state in State}
        yield _by("dunghen_replica_state", "How the replica of reports stands (1: so)", "state", states)
        if found.lag_seconds is not None:
            yield GaugeMetricFamily(
                "dunghen_replica_lag_seconds", "How far the replica is behind", found.lag_seconds
            )
        if found.lag_bytes is not None:
            yield GaugeMetricFamily(
                "dunghen_replica_lag_bytes", "Log not yet replayed there", found.lag_bytes
            )
        replica = self._context.store.replica
        assert replica is not None
        yield CounterMetricFamily(
            "dunghen_replica_snapshots", "Snapshots that this process read from it", replica.snapshots
        )
        yield CounterMetricFamily(
            "dunghen_replica_refusals", "Times this process read the primary in its place", replica.refusals
        )

    def _ages(self, facts: Facts, loaded: datetime | None) -> Iterator[Any]:
        """Seconds since something; what never was is not told, so that an alert on absence can be set."""
        since = {
            "dunghen_import_age_seconds": ("Since the newest load of data", loaded),
            "dunghen_scheduler_age_seconds": ("Since the scheduler was heard of", facts.scheduler_heard),
            "dunghen_worker_age_seconds": ("Since a worker was heard of", facts.worker_heard),
            "dunghen_work_wait_seconds": ("How long the oldest work waits", facts.work_waits_since),
            "dunghen_message_wait_seconds": ("How long the oldest message waits", facts.messages_wait_since),
        }
        for name, (told, at) in since.items():
            if at is not None:
                yield GaugeMetricFamily(name, told, max(0.0, (self._now - at).total_seconds()))


class _Lines:
    """The operating log of this process."""

    def collect(self) -> Iterator[Any]:
        """As of prometheus_client."""
        family = CounterMetricFamily(
            "dunghen_log_lines", "Lines of the operating log by level", labels=["level"]
        )
        for level, count in counts.items():
            family.add_metric([level], count)
        yield family


def _by(name: str, told: str, label: str, values: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=[label])
    for value, count in values.items():
        family.add_metric([str(value)], count)
    return family


def told_now() -> bytes:
    """The text of the application behind the request."""
    metrics: Metrics = current_app.extensions[EXTENSION]
    return metrics.text(current.context(), current.now())
