"""The toys at work in a copy of the product: from the job to the inbox, and the page by role. Called `test_…` there."""

import pytest

from app import job_runs
from app.dispatching import Dispatching
from app.jobs import JOBS
from app.work_kinds import WORK_KINDS
from app.worker import Worker
from notifications.kinds import MESSAGE_KINDS
from tests.web.test_access import ROLES
from tests.web.world import NOW, StandingContext


def test_the_job_asks_for_the_work_that_tells_somebody(as_role, context: StandingContext):
    run = job_runs.ask_by_hand(context.store, "toy_job", NOW.date(), "admin", NOW)
    worker = Worker(context, "w", {name: WORK_KINDS[name] for name in ("job", "toy_work")})
    assert worker.run_until_idle() == 2
    Dispatching(context, "d").run_until_idle()
    assert "Việc thử đã xong." in as_role("desk").get("/thong-bao").text  # the first account
    admin = as_role("admin")
    assert JOBS["toy_job"].title in admin.get("/lich-chay/").text
    assert WORK_KINDS["toy_work"].title in admin.get(f"/cong-viec/{run.work.work_id + 1}").text
    assert MESSAGE_KINDS["toy_message"].title in admin.get("/thong-bao/hang-doi?trang-thai=sent").text


@pytest.mark.parametrize("role", ROLES)
def test_the_page_opens_for_its_role_alone(as_role, role: str):
    assert as_role(role).get("/trang-thu").status_code == (200 if role == "auditor" else 403)
