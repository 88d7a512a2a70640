"""The WSGI entry for an office's own server: `application` on the configuration named by DUNGHEN_CONFIG."""

import os
from pathlib import Path

from app.cli import CONFIG_VARIABLE
from app.context import AppContext
from app.web import create_app

application = create_app(AppContext(Path(os.environ.get(CONFIG_VARIABLE, "config.toml"))))
