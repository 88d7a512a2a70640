#!/usr/bin/env bash
# Configuration and secrets of the containers: `prepare.sh HOST`, once. Nothing that is there is written over.
# Run it as root, or for containers without root as the user that runs them (podman): each file of a secret then belongs to
# the one user inside the containers that reads it (0400).
set -euo pipefail
cd "$(dirname "$0")"
host=${1:?HOST, e.g. dung-hen.example.vn}
root=$(cd ../.. && pwd)

[ -e .env ] || sed "s|^DUNGHEN_HOST=.*|DUNGHEN_HOST=$host|" env.example > .env
subnet=$(sed -n 's/^FRONT_SUBNET=//p' .env)

umask 077
mkdir -p office/secrets
program=10001 database=10002 proxy=10003  # as in Containerfile
engine=$(command -v podman || command -v docker || true)
owned() { # of whom, which file
  if [ "$(id -u)" = 0 ]; then chown "$1:$1" "$2"; else podman unshare chown "$1:$1" "$2"; fi
}
put() { # of whom, name: takes standard input
  [ -e "office/secrets/$2" ] && return
  cat > "office/secrets/$2"
  chmod 0400 "office/secrets/$2"
  owned "$1" "office/secrets/$2"
}
random() { openssl rand -hex 32; }
if [ ! -e office/secrets/database_url ]; then
  password=$(random)
  printf '%s\n' "$password" | put $database database_password
  printf 'postgresql://dunghen:%s@database/dunghen\n' "$password" | put $program database_url
fi
random | put $program web_secret
random | put $program factor_key
printf 'dunghen-backup-key-1:%s\n' "$(random)" | put $program backup_key
if [ ! -e office/secrets/tls_key ]; then
  # For a trial; put the office's own certificate in its place.
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
    -keyout office/tls.key -out office/tls.pem 2>/dev/null
  put $proxy tls_key < office/tls.key
  put $proxy tls_certificate < office/tls.pem
  rm office/tls.key
  mv office/tls.pem office/certificate.pem  # for whoever tries it: curl --cacert
fi

if [ ! -e office/config.toml ]; then
  sed -e 's|^data_dir = .*|data_dir = "/var/lib/dunghen"|' \
    -e 's|^backup_dir = .*|backup_dir = "/var/backups/dunghen"|' \
    -e '/^\[backup\]/,/^\[privacy\]/ s|^key_file = .*|key_file = "/run/secrets/backup_key"|' \
    -e '/^\[web\]/,/^\[sign_on\]/ s|^host = .*|host = "0.0.0.0"|' \
    -e "s|^allowed_hosts = .*|allowed_hosts = [\"$host\"]|" \
    -e "s|^trusted_proxies = .*|trusted_proxies = [\"$subnet\"]|" \
    -e "s|^public_url = .*|public_url = \"https://$host\"|" \
    -e 's|^form = .*|form = "json"|' "$root/config.toml" > office/config.toml
  chmod 0444 office/config.toml
fi
network=$(sed -n 's/^FRONT_NETWORK=//p' .env)
if [ -n "$engine" ]; then
  "$engine" network inspect "$network" >/dev/null 2>&1 || "$engine" network create --subnet "$subnet" "$network" >/dev/null
fi
echo "office/config.toml, office/secrets and .env are there. Keep a copy of office/secrets/backup_key and factor_key elsewhere."
