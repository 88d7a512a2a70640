"""A number that was typed to look for something might be somebody's telephone: no log keeps it.

`test_every_input` finds every field by itself and tries them all; here are those that once kept one.
"""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.web.world import StandingContext
from tracker.store import audit

NUMBER = "987654321"
PLACES = (
    ("desk", f"/ban-theo-doi?linh-vuc=0{NUMBER}"),
    ("auditor", f"/nhat-ky/?nguoi=0{NUMBER}"),
    ("reform", f"/nguon-du-lieu/dong-loi/?lo={NUMBER}"),
    ("auditor", f"/kiem-tra/mau?ky=moi-luc&co-mau=2&hat=0{NUMBER}"),
)


def test_a_number_that_was_typed_to_look_for_something_is_in_no_log(
    as_role: Callable[[str], FlaskClient], context: StandingContext
):
    answered = [as_role(role).get(address).status_code for role, address in PLACES]
    assert answered == [200, 200, 404, 200]
    with context.store.read() as session:
        told = audit.recent_acts(session, 50)
    assert {"board", "audit_view"} <= {act.action for act in told}
    assert NUMBER not in str(told)
