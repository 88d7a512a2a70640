#!/usr/bin/env bash
# Installs a bundle where no network can be reached, loads a small demonstration with it, and sees that a damaged or enlarged
# bundle is refused: `try-bundle.sh BUNDLE.tar.gz`. Needs the right to make a namespace without network (unshare --net).
set -euo pipefail
bundle=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
alone() { unshare --net env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$work" LANG=C.UTF-8 PYTHON="${PYTHON:-python3}" "$@"; }

tar xzf "$bundle" -C "$work"
folder=$(find "$work" -mindepth 1 -maxdepth 1 -name 'dunghen-*')
if ! alone awk 'END { exit NR > 1 }' /proc/net/route; then
  echo "the namespace has a way to the network: this would prove nothing" >&2
  exit 1
fi

printf 'x' >> "$folder/config.toml"
if alone "$folder/install.sh" "$work/damaged" >/dev/null 2>&1; then echo "a damaged bundle was installed" >&2; exit 1; fi
truncate -s -1 "$folder/config.toml"
touch "$folder/wheels/strange-1.0-py3-none-any.whl"
if alone "$folder/install.sh" "$work/strange" >/dev/null 2>&1; then echo "a strange file was accepted" >&2; exit 1; fi
rm "$folder/wheels/strange-1.0-py3-none-any.whl"

alone "$folder/install.sh" "$work/installed"
cd "$work/installed"
alone .venv/bin/dunghen demo --small --no-serve 2>&1 | tail -n 9
alone .venv/bin/dunghen score 3.4.1 --year 2022 --json
echo "installed and ran without a network; damaged and enlarged bundles were refused"
