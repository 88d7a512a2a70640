#!/usr/bin/env bash
# Prints where tests put their files: memory where four gigabytes of it are free and programs may run, else the usual place.
set -euo pipefail
usual="${TMPDIR:-/tmp}"
memory=/dev/shm
needed=$((4 * 1024 * 1024)) # KiB
free() { df --output=avail -k "$memory" 2>/dev/null | tail -n 1; }
available() { awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null; }
runs_programs() { awk '$2 == "/dev/shm" && $4 !~ /noexec/ { found = 1 } END { exit !found }' /proc/mounts 2>/dev/null; }
if runs_programs && [[ -w "$memory" && $(free || true) -ge $needed && $(available || true) -ge $((2 * needed)) ]]; then
  echo "$memory"
else
  echo "$usual"
fi
