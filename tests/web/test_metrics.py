"""What a monitoring system may ask: alive, ready, and figures by an administrator's token; never a person or a dossier."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tests.web.api_calls import a_token, bearer
from tests.web.conftest import log_in
from tests.web.world import NAME, NOW, OVERDUE_A, PHONE, StandingContext
from tracker.store import processes


def _asked(app: Flask, context: StandingContext, login: str = "admin", scopes: tuple[str, ...] | None = None):
    return app.test_client().get("/metrics", headers=bearer(a_token(context, login, scopes)))


def _value(told: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", told, re.M)
    assert found, name
    return float(found[1])


def test_the_process_says_that_it_is_alive_and_ready_to_anybody_and_nothing_else(app: Flask):
    client = app.test_client()
    alive, ready = client.get("/healthz"), client.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "ok")
    assert (ready.status_code, ready.text) == (200, "ready")
    assert "Set-Cookie" not in alive.headers
    assert "no-store" in alive.headers["Cache-Control"]


@pytest.mark.either_database("the number of the revision is asked for in the same way")
def test_a_database_of_another_revision_is_not_ready_and_the_process_alive(
    app: Flask, context: StandingContext
):
    with context.store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    client = app.test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready")
    assert client.get("/healthz").status_code == 200


def test_figures_tell_ages_counts_and_times_of_pages(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(text("DELETE FROM process"))
    processes.begin(context.store, "scheduler-1", "scheduler", NOW - timedelta(seconds=70))
    log_in(client := app.test_client(), "reform")
    assert client.get("/tieu-chi/3.4.1").status_code == 200
    answer = _asked(app, context)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    told = answer.text
    assert _value(told, "dunghen_scheduler_age_seconds") == 70
    assert _value(told, "dunghen_import_age_seconds") >= 0
    assert _value(told, 'dunghen_request_seconds_count{place="score",status="2xx"}') == 1
    assert _value(told, 'dunghen_request_seconds_bucket{le="+Inf",place="score",status="2xx"}') == 1
    assert not re.search(r"^dunghen_worker_age_seconds ", told, re.M)
    assert _value(told, 'dunghen_log_lines_total{level="error"}') >= 0
    assert "# HELP dunghen_work " in told


def test_what_the_watchdog_finds_is_a_figure_too(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(text("DELETE FROM process"))
    told = _asked(app, context).text
    assert _value(told, 'dunghen_finding{code="scheduler_silent"}') == 1
    assert "dunghen_scheduler_age_seconds{" not in told
    assert not re.search(r"^dunghen_scheduler_age_seconds ", told, re.M)


def test_no_person_no_dossier_and_no_address_stands_in_the_figures(app: Flask, context: StandingContext):
    client = app.test_client()
    log_in(client, "desk")
    client.get(f"/ho-so/{OVERDUE_A}")
    client.get("/khong-co-trang-nay")
    told = _asked(app, context).text
    for private in (NAME, PHONE, OVERDUE_A, "/ho-so", "khong-co"):
        assert private not in told
    assert _value(told, 'dunghen_request_seconds_count{place="other",status="4xx"}') == 1


def test_figures_are_for_a_token_with_the_scope_alone(app: Flask, context: StandingContext):
    logged_in = app.test_client()
    log_in(logged_in, "admin")
    assert logged_in.get("/metrics").status_code == 401
    assert _asked(app, context, scopes=("log:read",)).status_code == 403
    assert app.test_client().get("/metrics", headers=bearer("dh1_aaaaaaaaaa_" + "A" * 43)).status_code == 401


@pytest.mark.every_value("each role has another token")
@pytest.mark.parametrize("login", ["desk", "head", "auditor", "reform"])
def test_figures_are_for_administrators(app: Flask, context: StandingContext, login: str):
    assert _asked(app, context, login).status_code == 403
