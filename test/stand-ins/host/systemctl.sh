#!/bin/sh
# A strict stand-in of `systemctl stop` for the guard's unit.
[ "$*" = "stop ahuora-delay-guard.service" ] || { echo "Unknown command: $*" >&2; exit 1; }
[ -e "$TC_STATE.guard" ] || { echo "Unit ahuora-delay-guard.service not loaded." >&2; exit 5; }
kill -- "-$(cat "$TC_STATE.guard")" 2> /dev/null
rm -f "$TC_STATE.guard"
