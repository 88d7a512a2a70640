"""Writes docs/permissions.md from the route map of the application: `make permissions`."""

import os
from pathlib import Path

from app.context import AppContext
from app.permission_table import permission_table
from app.security import SECRET_VARIABLE
from app.web import create_app

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Make the application, asked only for its routes, and write the page."""
    os.environ.setdefault(SECRET_VARIABLE, "asked only for its routes")
    app = create_app(AppContext(ROOT / "config.toml"))
    (ROOT / "docs" / "permissions.md").write_text(permission_table(app), "utf-8")


if __name__ == "__main__":
    main()
