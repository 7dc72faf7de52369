#!/bin/bash
# Puts a dump of BACKUP_DIRECTORY back into the database PGDATABASE, all or nothing: RESTORE_FILE is a file name, or
# "latest". Everything that the role PGUSER owns in the database is replaced, tables that are younger than the dump included, and
# so are all large objects. APPLICATION_ROLE gets its rights on what comes in their place.
set -euo pipefail

if [[ "$RESTORE_FILE" == latest ]]; then
  # An encrypted dump counts by the name that it has once it is decrypted: an older one must not be taken in its place.
  RESTORE_FILE="$(find "$BACKUP_DIRECTORY" -maxdepth 1 \( -name "$PGDATABASE-*.dump" -o -name "$PGDATABASE-*.dump.cms" \) -printf '%f\n' |
    sed 's/\.cms$//' | sort | tail --lines=1)"
fi
RESTORE_FILE="${RESTORE_FILE%.cms}"
dump="$BACKUP_DIRECTORY/$RESTORE_FILE"
if [[ -n "$RESTORE_FILE" && ! -f "$dump" && -f "$dump.cms" ]]; then
  echo "restore: $RESTORE_FILE.cms is encrypted and its key is not in the cluster; decrypt it where the key is and put $RESTORE_FILE beside it: docs/how-to/encrypt-the-dumps.md" >&2
  exit 1
fi
if [[ -z "$RESTORE_FILE" || ! -f "$dump" ]]; then
  echo "restore: no dump ${RESTORE_FILE:-of $PGDATABASE} in $BACKUP_DIRECTORY; set RESTORE_FILE to one that is there" >&2
  exit 1
fi

contents="$(pg_restore --list "$dump")"
# The part of the dump that the lines of its contents name, as SQL.
part() {
  pg_restore --file=- --no-owner --no-privileges --use-list=<(grep --extended-regexp "$@" <<< "$contents") "$dump"
}
large_objects='^[0-9]+; [0-9]+ [0-9]+ BLOBS '
# Of an extension that the superuser made, which stays, its comment is the superuser's too.
comments_of_extensions='^[0-9]+; [0-9]+ [0-9]+ COMMENT - EXTENSION '

echo "restoring $RESTORE_FILE into $PGDATABASE on $PGHOST"
{
  echo 'BEGIN; DROP OWNED BY CURRENT_USER CASCADE; SELECT lo_unlink(oid) FROM pg_largeobject_metadata;'
  part --invert-match --regexp="$large_objects" --regexp="$comments_of_extensions"
  # Their contents come in a transaction of their own, which would end this one: without its two lines they are a part of it. No
  # text of anybody's stands on a line of this part, whose contents are hexadecimal.
  part "$large_objects" | sed --regexp-extended '/^(BEGIN|COMMIT);$/d'
  cat "$(dirname "$0")/privileges.sql"
  # Said only when the dump was read to its end: without it, the connection closes and nothing has changed.
  echo 'COMMIT;'
} | psql --no-psqlrc --quiet --output=/dev/null --set ON_ERROR_STOP=1 \
  --set owner="$PGUSER" --set application="$APPLICATION_ROLE"
echo "restored $RESTORE_FILE"
