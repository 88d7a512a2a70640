"""The page of a unit: who opens which unit, whose figures of officers, what it says; targets."""

import pytest

from tests.web.world import BRANCH_A, BRANCH_B, OFFICE, OVERDUE_A


@pytest.mark.parametrize("role", ["head", "auditor", "reform"])
def test_who_reads_units_opens_the_page(as_role, role: str):
    answer = as_role(role).get("/don-vi")
    assert answer.status_code == 200
