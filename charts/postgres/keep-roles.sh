#!/bin/bash
# Brings the roles of the server beside it into step each time that the pod starts: a first-start script never runs on a
# database that exists. The pod counts as ready only after that, so that whoever waits for Postgres finds the roles.
set -euo pipefail
done_file="$1"
trap 'exit 0' TERM INT

rm --force "$done_file"
# The server of a first start has no address: what runs there is the first-start script.
until pg_isready --quiet --host=127.0.0.1; do
  sleep 1 &
  wait $!
done
/bin/bash "$(dirname "$0")/roles.sh"
touch "$done_file"
while true; do
  sleep 3600 &
  wait $!
done
