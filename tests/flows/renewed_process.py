"""A web process that begins anew whenever nothing is under way: `python -m tests.flows.renewed_process CONFIG PORT`."""

import sys
from pathlib import Path

from app import renewing
from app.commands.serve_command import serve_forever
from app.context import AppContext

# At once, however small it is, and with every pause between two requests.
renewing.LOOK_SECONDS = renewing.TRY_SECONDS = 0.02
renewing.GROWN = 0.0


if __name__ == "__main__":
    serve_forever(AppContext(Path(sys.argv[1])), "127.0.0.1", int(sys.argv[2]))
