#!/usr/bin/env bash
# Builds the images and runs compose.yaml for real, as root on Debian: `try-containers.sh [WHEELS]`.
# Where no registry can be reached the base comes from debootstrap, the libraries from a folder of wheels (of `make bundle`).
# Needs podman, buildah, podman-compose, netavark, aardvark-dns, debootstrap, openssl, curl. Ends with 0 where everything held.
# A machine with limits of its own: name a containers.conf in CONTAINERS_CONF (another runtime, lower default_ulimits).
set -euo pipefail
cd "$(dirname "$0")/.."
wheels=${1:-}
work=$(mktemp -d)
base=${BASE:-localhost/dunghen-base:bookworm}
project=dunghen-trial
host=dung-hen.test
port=18443
# Reads to the end: a pipe that is closed early would look like a fault (pipefail).
has() { grep "$@" >/dev/null; }
say() { printf '== %s\n' "$*"; }
wrong() { echo "NOT AS IT HAS TO BE: $*" >&2; exit 1; }

if ! podman image exists "$base"; then
  say "base from debootstrap"
  debootstrap --variant=minbase bookworm "$work/root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >/dev/null
  tar -C "$work/root" -c . | podman import - "$base" >/dev/null
  rm -rf "$work/root"
fi

say "sources as they lie here"
mkdir "$work/tree"
git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null --files-from - -c | tar -x -C "$work/tree"
[ -z "$wheels" ] || cp -r "$wheels" "$work/tree/wheels"
cd "$work/tree"
for target in program database proxy; do
  name=dunghen; [ "$target" = program ] || name=dunghen-$target
  say "image $name"
  buildah build --quiet --layers --isolation chroot --network host --build-arg BASE="$base" --target "$target" \
    -f scripts/containers/Containerfile -t "localhost/$name:trial" . >/dev/null
done

say "configuration and secrets"
sed -i -e 's/^FRONT_NETWORK=.*/FRONT_NETWORK=dunghen-trial-front/' -e 's|^FRONT_SUBNET=.*|FRONT_SUBNET=10.89.251.0/24|' \
  scripts/containers/env.example
scripts/containers/prepare.sh "$host" >/dev/null
sed -i -e 's/^VERSION=.*/VERSION=trial/' -e "s/^HTTPS_PORT=.*/HTTPS_PORT=$port/" -e 's/^HTTP_PORT=.*/HTTP_PORT=18080/' \
  scripts/containers/.env
cd scripts/containers
compose() { podman-compose -p "$project" -f compose.yaml "$@"; }
finish() { compose down -v >/dev/null 2>&1 || true; podman network rm -f dunghen-trial-front >/dev/null 2>&1 || true; rm -rf "$work"; }
trap finish EXIT

say "up"
compose up -d --no-build > "$work/up.log" 2>&1 || { tail -n 20 "$work/up.log" >&2; exit 1; }
ask() { curl --silent --show-error --cacert office/certificate.pem --resolve "$host:$port:127.0.0.1" "$@"; }
for _ in $(seq 120); do
  [ "$(ask "https://$host:$port/readyz" 2>/dev/null || true)" = ready ] && break
  sleep 1
done
[ "$(ask "https://$host:$port/readyz")" = ready ] || { podman ps -a >&2; compose logs 2>&1 | tail -n 60 >&2; wrong "never ready"; }
podman ps -a --filter "label=io.podman.compose.project=$project" --format '{{.Names}} {{.Status}}'
of() { podman ps --filter "label=io.podman.compose.project=$project" --format '{{.Names}}' | grep -E "[-_]$1[-_]" | head -n "${2:-1}"; }
web=$(of web)

say "pages by TLS, with a safe cookie, to the right name alone"
ask -D "$work/head" -o "$work/page" "https://$host:$port/dang-nhap"
grep -qi '^strict-transport-security' "$work/head" || wrong "not believed to be https"
grep -qi '^set-cookie: __Host-' "$work/head" || wrong "cookie is not bound to the host"
grep -q 'csrf_token' "$work/page" || wrong "no page to log in"

say "each as a user without rights, root of the files read only"
for name in $(of web 9) $(of worker) $(of scheduler) $(of database) $(of proxy); do
  [ "$(podman exec "$name" id -u)" -ge 10001 ] || wrong "$name runs as root"
  podman exec "$name" grep -q '^CapEff:\s0000000000000000$' /proc/self/status || wrong "$name has capabilities"
  if podman exec "$name" sh -c 'touch /usr/bin/x /opt/x /etc/x' 2>/dev/null; then wrong "$name may write to itself"; fi
done

say "no secret in an environment or an image"
password=$(cat office/secrets/database_password)
for name in $(podman ps -aq --filter "label=io.podman.compose.project=$project") localhost/dunghen:trial localhost/dunghen-database:trial; do
  if podman inspect "$name" | has "$password"; then wrong "$name shows the password of the database"; fi
done

say "the database is not to be reached from outside, nor without a password"
if (exec 3<>/dev/tcp/127.0.0.1/5432) 2>/dev/null; then echo "   (something else listens on 5432 here)"; fi
podman port "$(of database)" | has . && wrong "the database has a port of this machine"
if podman exec "$web" python -c "import psycopg; psycopg.connect('postgresql://dunghen:wrong@database/dunghen')" 2>/dev/null; then
  wrong "any password opens the database"
fi

say "work: an account, a load, a backup that is encrypted, by commands in the containers"
printf 'mot-mat-khau-dai-de-thu\n' | podman exec -i "$web" dunghen user add quan.tri --role admin >/dev/null
podman exec "$web" sh -c 'cd /tmp && dunghen generate --preset daklak-2022 --rows 300 --out g >/dev/null 2>&1 && dunghen ingest g/*-province.csv --json 2>/dev/null' |
  has '"new": [1-9]' || wrong "no dossiers were loaded"
podman exec "$web" dunghen overdue --as-of 2022-11-30 --json | has '"count": [1-9]' || wrong "no late list"
podman exec "$web" dunghen backup /var/backups/dunghen/thu.enc >/dev/null
podman exec "$web" head -c 16 /var/backups/dunghen/thu.enc | has -a DUNGHEN || wrong "the backup is not encrypted"

say "the log: one JSON object a line, from each process, and the proxy's address is believed"
for name in $(of web 9) $(of worker) $(of scheduler); do
  podman logs "$name" 2>&1 | grep '^{' | python3 -c 'import json, sys; [json.loads(line)["event"] for line in sys.stdin]' ||
    wrong "$name writes no lines of its log"
done

say "a web process that dies comes back; a worker that is told to end does so at once"
kill -9 "$(podman inspect -f '{{.State.Pid}}' "$web")"  # not by podman, to which that would be somebody's wish
for _ in $(seq 60); do podman exec "$web" python /opt/dunghen/is-ready.py 2>/dev/null && break; sleep 1; done
podman exec "$web" python /opt/dunghen/is-ready.py || wrong "the web process stayed dead"
begun=$(date +%s)
podman stop "$(of worker)" >/dev/null
[ $(($(date +%s) - begun)) -lt 60 ] || wrong "the worker did not end"

say "down and up again: everything is still there"
compose down >/dev/null 2>&1
compose up -d --no-build >/dev/null 2>&1
for _ in $(seq 120); do
  [ "$(ask "https://$host:$port/readyz" 2>/dev/null || true)" = ready ] && break
  sleep 1
done
podman exec "$(of web)" dunghen user list --json | has quan.tri || wrong "the account is gone"
say "everything held"
