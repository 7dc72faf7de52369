#!/usr/bin/env bash
# shellcheck disable=SC2016 # $1 is for the shell that mmdebstrap starts
# Makes two machines with systemd, as Docker containers under the names and addresses that the inventory has; this computer gets the
# address of ingress. Needs root, Docker, mmdebstrap and Debian's archive keyring.
# Usage: machines.sh up|down
set -euo pipefail
cd "$(dirname "$0")"
made=.made
nodes=(control worker-1)

# of HOST FIELD: what the inventory says of a host.
of() {
  python3 - "$1" "$2" <<'PYTHON'
import sys
import yaml

with open("../../ansible/inventory/hosts.yml", encoding="utf-8") as file:
    groups = yaml.safe_load(file)["all"]["children"]
hosts = {name: host for group in groups.values() for name, host in group.get("hosts", {}).items()}
print(hosts[sys.argv[1]][sys.argv[2]])
PYTHON
}

down() {
  for node in "${nodes[@]}"; do
    docker rm --force --volumes "real-k3s-$node" >/dev/null 2>&1 || true
  done
  docker network rm real-k3s >/dev/null 2>&1 || true
  docker image rm real-k3s-machine >/dev/null 2>&1 || true
  rm -rf "$made"
}

image() {
  local packages=systemd,systemd-sysv,dbus,openssh-server,python3,sudo,iproute2,iptables,nftables,kmod,procps,ca-certificates,openssl
  mmdebstrap --variant=apt --include="$packages" --aptopt='APT::Install-Recommends "false"' \
    --customize-hook='chroot "$1" useradd --create-home --shell /bin/bash ahuora' \
    --customize-hook='echo "ahuora ALL=(ALL) NOPASSWD: ALL" >"$1"/etc/sudoers.d/ahuora' \
    --customize-hook="mkdir -p \"\$1\"/home/ahuora/.ssh && cp $made/key.pub \"\$1\"/home/ahuora/.ssh/authorized_keys && chroot \"\$1\" chown -R ahuora:ahuora /home/ahuora" \
    bookworm - | docker import --change 'CMD ["/sbin/init"]' --change 'STOPSIGNAL SIGRTMIN+3' - real-k3s-machine >/dev/null
}

up() {
  mkdir -p "$made"
  ssh-keygen -q -t ed25519 -N '' -C real-k3s -f "$made/key"
  image
  # What the role `prereq` sets on a node; containers share the kernel of this computer.
  sysctl -q vm.overcommit_memory=1 vm.panic_on_oom=0 kernel.panic=10 kernel.panic_on_oops=1
  modprobe -a br_netfilter overlay
  docker network create --subnet 192.168.100.0/24 --gateway "$(of ingress ansible_host)" real-k3s >/dev/null
  for node in "${nodes[@]}"; do
    # K3s' store must not lie on an overlay: containerd makes overlays of its own in it.
    docker run --detach --privileged --cgroupns private --tmpfs /run --tmpfs /run/lock \
      --volume /var/lib/rancher --volume /var/lib/kubelet --volume /lib/modules:/lib/modules:ro \
      --hostname "$node" --name "real-k3s-$node" --network real-k3s \
      --ip "$(of "$node" ansible_host)" --mac-address "$(of "$node" mac)" real-k3s-machine >/dev/null
  done
  for node in "${nodes[@]}"; do
    timeout 120 sh -c "until docker exec real-k3s-$node systemctl is-active --quiet ssh; do sleep 1; done" ||
      { echo "real-k3s-$node: SSH is not up after 120 s; docker logs real-k3s-$node says why" >&2; exit 1; }
  done
}

case ${1:-} in
  up) up ;;
  down) down ;;
  *) echo 'Usage: machines.sh up|down' >&2; exit 2 ;;
esac
