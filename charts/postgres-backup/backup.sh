#!/bin/bash
# Dumps the database PGDATABASE into BACKUP_DIRECTORY, checks that the dump can be read, and deletes dumps older than
# RETENTION_DAYS, except for the newest KEEP_AT_LEAST. The connection comes from libpq's PG* variables. With ENCRYPT_FOR, the file of a
# certificate, the dump is encrypted for whoever holds its key before it reaches the disk, and its name ends with .cms.
set -euo pipefail
umask 077

recipient="${ENCRYPT_FOR:-}"
name="$PGDATABASE-$(date --utc +%Y%m%dT%H%M%SZ).dump${recipient:+.cms}"
partial="$BACKUP_DIRECTORY/.$name.partial"
copy=''
trap 'rm --force "$partial" "$copy"' EXIT

# The role only reads, and Postgres grants nobody in advance the large objects that come to be; the schema `platform`, in which
# this function stands, comes with the server.
psql --no-psqlrc --quiet --output=/dev/null --set ON_ERROR_STOP=1 \
  --command='SELECT platform.let_backup_read_large_objects()'
dump() {
  pg_dump --format=custom --no-owner --no-privileges --exclude-schema=platform "$@"
}
if [[ -z "$recipient" ]]; then
  dump --file="$partial"
  pg_restore --list "$partial" > /dev/null
else
  # Nobody here can read it again later, so all of it is read on its way, to the end: what the encryption takes in is a whole dump.
  copy="$(mktemp --dry-run)"
  mkfifo "$copy"
  pg_restore --file=/dev/null < "$copy" &
  reader=$!
  dump | tee "$copy" |
    openssl cms -encrypt -binary -stream -aes-256-gcm -outform DER -out "$partial" "$recipient"
  wait "$reader"
fi
sync "$partial"
# The name appears only when the dump is whole.
mv "$partial" "$BACKUP_DIRECTORY/$name"
echo "wrote $name ($(stat --format=%s "$BACKUP_DIRECTORY/$name") bytes)"

# Names carry the time, so their order is that of age, whatever a copy did to the files' own times.
oldest_kept="$PGDATABASE-$(date --utc --date="$RETENTION_DAYS days ago" +%Y%m%dT%H%M%SZ).dump"
find "$BACKUP_DIRECTORY" -maxdepth 1 \( -name "$PGDATABASE-*.dump" -o -name "$PGDATABASE-*.dump.cms" \) -printf '%f\n' |
  sort --reverse |
  tail --lines="+$((KEEP_AT_LEAST + 1))" |
  while read -r dump; do
    if [[ "$dump" < "$oldest_kept" ]]; then
      rm "$BACKUP_DIRECTORY/$dump"
      echo "deleted $dump"
    fi
  done
