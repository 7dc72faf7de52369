#!/bin/sh
# A strict stand-in of `systemd-run`: starts the guard's command in a session of its own and remembers its process.
[ "$1 $2 $3 $4 $5" = "--quiet --collect --unit=ahuora-delay-guard /bin/sh -c" ] || { echo "Unknown option: $*" >&2; exit 1; }
setsid /bin/sh -c "$6" > /dev/null 2>&1 < /dev/null &
echo $! > "$TC_STATE.guard"
