#!/bin/bash
# Puts a dump of BACKUP_DIRECTORY back into the database PGDATABASE, all or nothing: RESTORE_FILE is a file name, or
# "latest". The database must exist; what the dump holds replaces what is there.
set -euo pipefail

if [[ "$RESTORE_FILE" == latest ]]; then
  RESTORE_FILE="$(find "$BACKUP_DIRECTORY" -maxdepth 1 -name "$PGDATABASE-*.dump" -printf '%f\n' | sort | tail --lines=1)"
fi
if [[ -z "$RESTORE_FILE" || ! -f "$BACKUP_DIRECTORY/$RESTORE_FILE" ]]; then
  echo "restore: no dump ${RESTORE_FILE:-of $PGDATABASE} in $BACKUP_DIRECTORY; set RESTORE_FILE to one that is there" >&2
  exit 1
fi

echo "restoring $RESTORE_FILE into $PGDATABASE on $PGHOST"
pg_restore --dbname="$PGDATABASE" --clean --if-exists --no-owner --no-privileges --single-transaction --exit-on-error \
  "$BACKUP_DIRECTORY/$RESTORE_FILE"
echo "restored $RESTORE_FILE"
