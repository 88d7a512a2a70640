#!/usr/bin/env bash
# Makes the virtual environment: `make-venv.sh PYTHON FOLDER`. Installs Debian's venv package where that is all it lacks.
set -euo pipefail
python=$1 folder=$2
[ -x "$folder/bin/python" ] && exit 0
"$python" - <<'CHECK' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.12 …")
CHECK
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  as_root=""; [ "$(id -u)" = 0 ] || as_root=$(command -v sudo || true)
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
    $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends python3-venv
  else
    echo "Python's venv module is missing. Please install it: apt-get install python3-venv" >&2
    exit 1
  fi
fi
"$python" -m venv "$folder"
