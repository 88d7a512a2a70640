"""Where a gateway tells what became of a message: a signed call of another program, not a page."""

from flask import request
from werkzeug.wrappers import Response

from app import current
from app.access import RECEIPTS, Permission
from app.pages import Pages
from notifications.channels.signing import ID, is_signed
from notifications.receipts import UnreadableCall, call_receipt, note_receipt
from tracker.store.outbox_receipts import Received

blueprint = Pages("receipts", __name__)

LARGEST_CALL = 16 * 1024


@blueprint.post("/bien-nhan/gateway", permission=Permission(public=True, signed=True, limit=RECEIPTS))
def gateway() -> Response:
    """Note one receipt. 204 noted (also when it came before), 403 unsigned, 400 no receipt, 404 no such message."""
    request.max_content_length = LARGEST_CALL
    body = request.get_data()
    if not is_signed(request.headers, body, current.context().config.gateway.receipt_secret, current.now()):
        return Response(status=403)
    try:
        receipt = call_receipt(body, request.headers[ID])
    except UnreadableCall:
        return Response(status=400)
    with current.context().store.transaction() as db:
        received = note_receipt(db, receipt, current.now())
    return Response(status=404 if received is Received.NO_MESSAGE else 204)
