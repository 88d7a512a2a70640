#!/bin/sh
# PostgreSQL of the program: made at the first start, then run. The password of its account stands in the file named by
# DATABASE_PASSWORD_FILE. Killed while it is made, it is made anew: only what is whole gets its name.
set -eu
data=/var/lib/postgresql/15
secret=${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}

if [ ! -s "$data/PG_VERSION" ]; then
  rm -rf "$data.new"
  # The server's own superuser gets in by the socket of this container alone, without a password to be lost.
  initdb --pgdata="$data.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --data-checksums \
    --auth-local=peer --auth-host=scram-sha-256 >/dev/null
  echo "host dunghen dunghen all scram-sha-256" >> "$data.new/pg_hba.conf"
  pg_ctl --pgdata="$data.new" --options="-c listen_addresses='' -c unix_socket_directories=/tmp" --silent --wait start
  psql --host=/tmp --username=postgres --dbname=postgres --quiet --no-psqlrc --set=ON_ERROR_STOP=1 <<SQL
\\set password \`cat '$secret'\`
CREATE ROLE dunghen LOGIN PASSWORD :'password';
CREATE DATABASE dunghen OWNER dunghen ENCODING 'UTF8' TEMPLATE template0;
SQL
  pg_ctl --pgdata="$data.new" --mode=fast --silent --wait stop
  mv "$data.new" "$data"
fi

exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp \
  -c shared_buffers="${SHARED_BUFFERS:-256MB}" -c max_connections="${MAX_CONNECTIONS:-100}" \
  -c log_min_error_statement=panic -c log_parameter_max_length_on_error=0 -c log_error_verbosity=terse
