"""Is the web process of this container ready? Status 0 if it is: what the health check of compose.yaml runs."""

import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

ADDRESS = "http://127.0.0.1:8000/readyz"
SECONDS = 5

try:
    with build_opener(ProxyHandler({})).open(ADDRESS, timeout=SECONDS) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except (URLError, OSError):
    sys.exit(1)
