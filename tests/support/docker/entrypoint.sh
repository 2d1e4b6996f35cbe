#!/bin/bash
# What the official postgres image's entrypoint promises, in brief: initdb at the first start, then the server.
set -euo pipefail

[ "${1:0:1}" = - ] && set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
case " $* " in *" --version "* | *" -V "* | *" --help "* | *" -? "*) exec "$@" ;; esac
export PGDATA="${PGDATA:-/var/lib/postgresql/data}"

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  chmod 3777 /var/run/postgresql
  chown postgres /dev/stdout /dev/stderr 2>/dev/null || :
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user="${POSTGRES_USER:-postgres}"
  database="${POSTGRES_DB:-$user}"
  password="${POSTGRES_PASSWORD:-}"
  method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
  if [ -z "$password" ] && [ "$method" != trust ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    exit 1
  fi
  eval 'initdb --username="$user" --pwfile=<(printf "%s\n" "$password") '"${POSTGRES_INITDB_ARGS:-}"
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w start -o "$(printf '%q ' "${@:2}" -c listen_addresses= -p 5432)"
  export PGUSER="$user" PGPASSWORD="$password"
  unset PGHOST
  [ "$database" = postgres ] ||
    psql -v ON_ERROR_STOP=1 --no-password -d postgres -v database="$database" <<< 'CREATE DATABASE :"database"'
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) bash "$file" ;;
      *.sql) psql -v ON_ERROR_STOP=1 --no-password -d "$database" -f "$file" ;;
      *.sql.gz) gzip -dc "$file" | psql -v ON_ERROR_STOP=1 --no-password -d "$database" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGUSER PGPASSWORD
  echo
  echo 'PostgreSQL init process complete; ready for start up.'
  echo
fi
exec "$@"
