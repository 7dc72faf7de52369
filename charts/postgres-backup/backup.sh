#!/bin/bash
# Dumps the database PGDATABASE into BACKUP_DIRECTORY, checks that the dump can be read, and deletes dumps older than
# RETENTION_DAYS, except for the newest KEEP_AT_LEAST. The connection comes from libpq's PG* variables.
set -euo pipefail
umask 077

name="$PGDATABASE-$(date --utc +%Y%m%dT%H%M%SZ).dump"
partial="$BACKUP_DIRECTORY/.$name.partial"
trap 'rm --force "$partial"' EXIT

# The role only reads, and Postgres grants nobody in advance the large objects that come to be; the schema `platform`, in which
# this function stands, comes with the server.
psql --no-psqlrc --quiet --output=/dev/null --set ON_ERROR_STOP=1 \
  --command='SELECT platform.let_backup_read_large_objects()'
pg_dump --format=custom --no-owner --no-privileges --exclude-schema=platform --file="$partial"
pg_restore --list "$partial" > /dev/null
sync "$partial"
# The name appears only when the dump is whole.
mv "$partial" "$BACKUP_DIRECTORY/$name"
echo "wrote $name ($(stat --format=%s "$BACKUP_DIRECTORY/$name") bytes)"

# Names carry the time, so their order is that of age, whatever a copy did to the files' own times.
oldest_kept="$PGDATABASE-$(date --utc --date="$RETENTION_DAYS days ago" +%Y%m%dT%H%M%SZ).dump"
find "$BACKUP_DIRECTORY" -maxdepth 1 -name "$PGDATABASE-*.dump" -printf '%f\n' | sort --reverse |
  tail --lines="+$((KEEP_AT_LEAST + 1))" |
  while read -r dump; do
    if [[ "$dump" < "$oldest_kept" ]]; then
      rm "$BACKUP_DIRECTORY/$dump"
      echo "deleted $dump"
    fi
  done
