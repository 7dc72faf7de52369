#!/bin/bash
# Puts a dump of BACKUP_DIRECTORY back into the database PGDATABASE, all or nothing: RESTORE_FILE is a file name, or
# "latest". Everything that the role PGUSER owns in the database is replaced, tables that are younger than the dump included.
set -euo pipefail

if [[ "$RESTORE_FILE" == latest ]]; then
  RESTORE_FILE="$(find "$BACKUP_DIRECTORY" -maxdepth 1 -name "$PGDATABASE-*.dump" -printf '%f\n' | sort | tail --lines=1)"
fi
dump="$BACKUP_DIRECTORY/$RESTORE_FILE"
if [[ -z "$RESTORE_FILE" || ! -f "$dump" ]]; then
  echo "restore: no dump ${RESTORE_FILE:-of $PGDATABASE} in $BACKUP_DIRECTORY; set RESTORE_FILE to one that is there" >&2
  exit 1
fi

echo "restoring $RESTORE_FILE into $PGDATABASE on $PGHOST"
{
  echo 'BEGIN; DROP OWNED BY CURRENT_USER CASCADE;'
  # Said only when the dump was read to its end: without it, the connection closes and nothing has changed.
  pg_restore --file=- --no-owner --no-privileges "$dump" && echo 'COMMIT;'
} | psql --no-psqlrc --quiet --output=/dev/null --set ON_ERROR_STOP=1
echo "restored $RESTORE_FILE"
