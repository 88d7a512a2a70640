"""`python -m app` is `dunghen`."""

from app.cli import main

main()
