#!/bin/sh
# boot-host.sh PREFIX HOST ROOT MAC LAN_NAMESPACE [WAN_NAMESPACE WLAN_MAC] boots one host of the rack, and again whenever it
# asks (exit status 133), in a fresh network namespace: what a real reboot would lose must not survive here.
set -u
prefix=$1 host=$2 root=$3 mac=$4 lan=$5 wan=${6:-} wlan_mac=${7:-}
namespace="$prefix-$host"

# A guest's processes are found, and ended, through a cgroup of its own.
for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ -w "$hierarchy/cgroup.procs" ] || continue
  mkdir -p "$hierarchy/$namespace" && echo $$ >"$hierarchy/$namespace/cgroup.procs"
done 2>/dev/null

plug_in() {
  ip netns add "$namespace"
  # The kernel resets what a namespace inherits; a board starts without IPv6 forwarding and without forwarding.
  ip -n "$namespace" link set lo up
  ip link add "$host" netns "$lan" type veth peer name eth0 address "$mac" netns "$namespace"
  ip -n "$lan" link set "$host" master lan0 up
  if [ -n "$wan" ]; then
    ip link add "$host" netns "$wan" type veth peer name wlan0 address "$wlan_mac" netns "$namespace"
    ip -n "$wan" link set "$host" master wan0 up
  fi
}

unplug() {
  ip -n "$lan" link delete "$host" 2>/dev/null
  [ -z "$wan" ] || ip -n "$wan" link delete "$host" 2>/dev/null
  ip netns delete "$namespace" 2>/dev/null
}

while :; do
  plug_in
  # Only /proc/sys/net is writable: what a guest sets of the kernel must not reach the machine it runs on.
  SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_LOCK=0 nsenter --net="/run/netns/$namespace" \
    systemd-nspawn --quiet --boot --directory="$root" --machine="$namespace" --hostname="$host" \
    --capability=CAP_NET_ADMIN,CAP_SYS_TIME --system-call-filter='~@clock' --register=no --keep-unit \
    --resolv-conf=off --timezone=off --link-journal=no --console=pipe </dev/null
  status=$?
  unplug
  [ "$status" = 133 ] || exit "$status"
done
