#!/usr/bin/env bash
# Configuration and secrets of the containers: `prepare.sh HOST`, once. Nothing that is there is written over.
# Files of secrets are readable inside their containers (0444) and by nobody else here: their folder is the owner's (0700).
set -euo pipefail
cd "$(dirname "$0")"
host=${1:?HOST, e.g. dung-hen.example.vn}
root=$(cd ../.. && pwd)

[ -e .env ] || sed "s|^DUNGHEN_HOST=.*|DUNGHEN_HOST=$host|" env.example > .env
subnet=$(sed -n 's/^FRONT_SUBNET=//p' .env)

umask 077
mkdir -p office/secrets
put() { [ -e "office/secrets/$1" ] || { cat > "office/secrets/$1" && chmod 0444 "office/secrets/$1"; }; }
random() { openssl rand -hex 32; }
random | put database_password
printf 'postgresql://dunghen:%s@database/dunghen\n' "$(cat office/secrets/database_password)" | put database_url
random | put web_secret
random | put factor_key
printf 'dunghen-backup-key-1:%s\n' "$(random)" | put backup_key
if [ ! -e office/secrets/tls_key ]; then
  # For a trial; put the office's own certificate in its place.
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
    -keyout office/tls.key -out office/tls.pem 2>/dev/null
  put tls_key < office/tls.key
  put tls_certificate < office/tls.pem
  rm office/tls.key office/tls.pem
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
echo "office/config.toml, office/secrets and .env are there. Keep a copy of office/secrets/backup_key and factor_key elsewhere."
