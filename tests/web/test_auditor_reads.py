"""Who inspects changes nothing of the business: what the role may send is listed here, one by one, with what it leaves."""

from collections.abc import Mapping

import pytest
from flask import Flask

from app.access import Role, may
from app.pages import matrix

# What an auditor may send: things of the own account, questions and checks of its own, files about what others did.
OWN: Mapping[str, str] = {
    "account.password": "the own password",
    "auth.login": "the own session",
    "auth.logout": "the own session",
    "api.deadline": "reckons, and keeps nothing",
    "api.late_export": "asks for a file of what it may see",
    "api.report_ask": "asks for a report of what it may see",
    "audit.verify": "asks for a check of the log; the result is kept with the work",
    "audit_cases.forget": "a question that the same person kept",
    "audit_cases.keep": "a question kept for oneself or for colleagues who inspect",
    "alerts.choose": "how alerts reach oneself",
    "findings.judge": "what inspecting a sign came to; no dossier is changed",
    "inbox.read": "marks the own messages as read",
    "packs.ask": "asks for a pack about what there is",
    "packs.check": "checks a file that is not kept",
    "reveal.ask": "has one applicant shown for a reason that is logged",
    "work.cancel": "gives up work that the same person asked for",
    "work.retry": "tries work again that the same person asked for",
}
# Of the account's own safety, of language and of tokens: by the beginning of the endpoint's name.
OF_THE_ACCOUNT = ("second_factor.", "sign_on.", "tokens.", "auth.", "account.", "language.", "english.")


def posting(app: Flask) -> set[str]:
    """Every endpoint that an auditor may send something to."""
    permissions = matrix(app)
    names = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    }
    return {
        name
        for name in names
        if (permission := permissions[name]) and not permission.signed and may(Role.AUDITOR, permission)
    }  # fmt: skip


def test_an_auditor_sends_nothing_but_what_is_listed(app: Flask):
    asked = {name for name in posting(app) if not name.startswith(OF_THE_ACCOUNT)}
    assert asked <= set(OWN)


@pytest.mark.parametrize(
    "endpoint",
    [
        "catalogue.add_limit", "calendar.propose", "calendar.approve", "admin.approve", "alert_rules.set_rule",
        "letter_steps.act", "letters.draft", "sources.upload", "remedies.add", "findings.explain", "admin_home.examine", "jobs.run",
        "alert_acts.act", "codes.decide", "rejected.mend", "outbox.decision",
    ],
)  # fmt: skip
def test_what_changes_the_business_is_refused_to_an_auditor(app: Flask, endpoint: str):
    assert matrix(app)[endpoint] is not None
    assert endpoint not in posting(app)
