#!/bin/sh
# Takes a rack apart, whatever state it is in: guests, mounts, namespaces, control groups, run folder.
# Usage: tear-down.sh PREFIX RUN_FOLDER. Ends with status 1 and says what is left when something can't be removed.
prefix=$1 run=$2

groups() { for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do ls -d "$hierarchy/$prefix-"* 2>/dev/null; done; }
processes() { groups | while read -r group; do find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null; done | sort -un; }
guests() { pgrep -f -- "--machine=$prefix-" | while read -r nspawn; do pgrep -P "$nspawn"; done; }

# The loops that boot the hosts must not boot them again.
pgrep -f -- "boot-host.sh $prefix " | xargs -r kill -9 2>/dev/null
# SIGRTMIN+4 asks a guest's systemd to power off.
guests | grep -v -F -x "$(pgrep -f -- "--machine=$prefix-")" | xargs -r kill -s RTMIN+4 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(processes)" ] && break; sleep 0.5; done
for _ in 1 2 3 4 5; do
  left=$(processes)
  [ -z "$left" ] && break
  echo "$left" | xargs -r kill -9 2>/dev/null
  sleep 0.2
done
# Servers of the stand-in internet and whatever else was started inside the rack's namespaces.
for namespace in $(ip netns list | awk -v p="$prefix-" 'index($1, p) == 1 { print $1 }'); do
  ip netns pids "$namespace" | xargs -r kill -9 2>/dev/null
  ip netns delete "$namespace"
done
awk -v run="$run/" 'index($2, run) == 1 { print $2 }' /proc/self/mounts | sort -r | xargs -r -n1 umount -l
groups | while read -r group; do find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null; done
rm -rf --one-file-system "$run"

left="$(ip netns list | grep -F "$prefix-") $(grep -F "$run/" /proc/self/mounts) $(groups) $(pgrep -f -- "--machine=$prefix-")"
[ -z "$(echo "$left" | tr -d '[:space:]')" ] || { echo "left behind by the rack $prefix: $left" >&2; exit 1; }
