"""The jobs: is the program well, what runs when, what ran, and running one now or again for a day."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import current, jobs_page, work_page
from app.access import ADMINS, Permission
from app.job_runs import ask_by_hand
from app.jobs import JOBS
from app.pages import Pages
from app.presenters import sentence
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from app.watchdog import look
from tracker.errors import UsageError

blueprint = Pages("jobs", __name__, url_prefix="/lich-chay")

PAGE = 30


@blueprint.get("/", permission=Permission(ADMINS))
def page() -> str:
    """What is wrong, the processes, the jobs with their last runs, and the history, 30 a page."""
    context, now = current.context(), current.now()
    shown = jobs_page.jobs_page(context, now, before=row_asked(request.args, "sau"), limit=PAGE + 1)
    return render_template(
        "jobs.html", shown=shown, runs=shown.runs[:PAGE], more=len(shown.runs) > PAGE, findings=look(context, now),
        words=work_page, causes=jobs_page.CAUSES, took=jobs_page.took,
        titles={job.name: job.title for job in JOBS.values()},
    )  # fmt: skip


@blueprint.post("/chay", permission=Permission(ADMINS))
def run() -> Response:
    """Ask for a run: for today, or for the day that was typed."""
    faults: list[str] = []
    day = day_asked(request.form, "ngay", "Ngày", faults) or current.now().date()
    try:
        if faults:
            raise UsageError(faults[0])
        asked = ask_by_hand(
            current.context().store, request.form.get("viec", ""), day, current.account().login, current.now()
        )
        flash(
            f"Đã ghi vào hàng việc: {JOBS[asked.job].title} cho ngày {day:%d/%m/%Y}, việc số {asked.work.work_id}."
        )
    except UsageError as fault:
        flash(sentence(fault), "fault")
    return redirect(url_for("jobs.page"))
