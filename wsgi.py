"""The WSGI entry for an office's own server: `application` on the configuration named by DUNGHEN_CONFIG."""

import os
from pathlib import Path

from app import oplog
from app.cli import CONFIG_VARIABLE
from app.context import AppContext
from app.web import create_app

context = AppContext(Path(os.environ.get(CONFIG_VARIABLE, "config.toml")))
oplog.begin(context, "web")
application = create_app(context)
