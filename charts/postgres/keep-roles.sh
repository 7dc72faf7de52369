#!/bin/bash
# Brings the roles of the server beside it into step each time that the pod starts: a first-start script never runs on a
# database that exists. The pod counts as ready only after that, so that whoever waits for Postgres finds the roles. From then on
# it has the server read its certificate again when the file has changed, which the kubelet does in a pod that runs.
set -euo pipefail
done_file="$1"
certificate="$2"
trap 'exit 0' TERM INT

rm --force "$done_file"
# The server of a first start has no address: what runs there is the first-start script.
until pg_isready --quiet --host=127.0.0.1; do
  sleep 1 &
  wait $!
done
known="$(cksum "$certificate")"
/bin/bash "$(dirname "$0")/roles.sh"
touch "$done_file"
while true; do
  sleep "${RELOAD_SECONDS:-30}" &
  wait $!
  now="$(cksum "$certificate")" || continue
  if [[ "$now" != "$known" ]]; then
    echo 'certificate has changed: reloading'
    psql --no-psqlrc --quiet --output=/dev/null --username=postgres --dbname=postgres --command='SELECT pg_reload_conf()' && known="$now"
  fi
done
