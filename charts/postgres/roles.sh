#!/bin/bash
# Makes the database DATABASE_NAME and the three roles that use it what they shall be, whatever they are now: a new server, one
# of an earlier version whose tables are owned by the role of the application, or one where a password has changed. Works as the
# superuser, over the socket of the server's own pod. May be run at any time; a second run changes nothing.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

refuse() {
  echo "roles: $1" >&2
  exit 1
}

for kind in _OWNER '' _BACKUP; do
  user="DATABASE${kind}_USER" password="DATABASE${kind}_PASSWORD"
  [[ -n "${!user:-}" ]] || refuse "$user is empty; give the Secret that it comes from a username"
  [[ -n "${!password:-}" ]] || refuse "$password is empty; give the Secret that it comes from a password"
  [[ "${!user}" != postgres && "${!user}" != pg_* ]] ||
    refuse "$user is \"${!user}\", a name that belongs to Postgres itself; choose another username in its Secret"
done
if [[ "$DATABASE_OWNER_USER" == "$DATABASE_USER" || "$DATABASE_OWNER_USER" == "$DATABASE_BACKUP_USER" ||
  "$DATABASE_USER" == "$DATABASE_BACKUP_USER" ]]; then
  refuse 'two of DATABASE_OWNER_USER, DATABASE_USER and DATABASE_BACKUP_USER are one name; give each Secret a username of its own'
fi

# A stored password cannot be compared, so each is tried where a client gives it. The server of a first start has no such address.
lets_in() {
  PGPASSWORD="$2" PGCONNECT_TIMEOUT=5 psql --no-psqlrc --no-password --host=127.0.0.1 --username="$1" \
    --dbname="$DATABASE_NAME" --command='' > /dev/null 2>&1 && echo true || echo false
}

as_superuser() {
  psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --username=postgres "$@"
}

as_superuser --dbname=postgres <<'SQL'
\getenv database DATABASE_NAME
SELECT format('CREATE DATABASE %I', :'database') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SQL
as_superuser --dbname="$DATABASE_NAME" \
  --set owner_is_let_in="$(lets_in "$DATABASE_OWNER_USER" "$DATABASE_OWNER_PASSWORD")" \
  --set application_is_let_in="$(lets_in "$DATABASE_USER" "$DATABASE_PASSWORD")" \
  --set backup_is_let_in="$(lets_in "$DATABASE_BACKUP_USER" "$DATABASE_BACKUP_PASSWORD")" \
  --file="$here/roles.sql"
echo "roles: $DATABASE_OWNER_USER owns $DATABASE_NAME, $DATABASE_USER reads and writes rows, $DATABASE_BACKUP_USER reads"
