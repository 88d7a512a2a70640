"""The pages of findings: what stands there for whom, what is said of them, what is not taken, what files hold."""

from tests.web.conftest import token
from tests.web.finding_sets import EXPLANATION
from tests.web.world import OVERDUE_A, OVERDUE_B


def post(client, address: str, **form):
    return client.post(address, data={**form, "csrf_token": token(client, "/tai-khoan")})


def test_an_auditor_sees_the_findings_of_all_units_by_what_was_said_of_them(as_role):
    client = as_role("auditor")
    text = client.get("/dau-hieu/").text
    assert OVERDUE_A in text
    assert OVERDUE_B in text
    assert EXPLANATION not in text
    shown = client.get("/dau-hieu/1").text
    assert "Ba ngày hẹn" in shown
    assert client.get("/dau-hieu/do-tre-bi-che").status_code == 200
