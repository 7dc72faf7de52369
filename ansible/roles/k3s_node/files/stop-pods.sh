#!/bin/sh
# Ends what K3s leaves running on purpose when its service stops (KillMode=process), and what it leaves in the kernel:
# containers, mounts, network namespaces, interfaces and its iptables chains. Everything else stays. Prints what it removed.
PATH=$PATH:/usr/sbin:/sbin:/var/lib/rancher/k3s/data/current/bin/aux
remove() { printf '%s\n' "removed $1"; }

for process in /proc/[0-9]*; do
  case $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) in
    /var/lib/rancher/k3s/data/*/bin/containerd-shim*)
      kill -9 "${process#/proc/}" && remove "process ${process#/proc/}" ;;
  esac
done

# Deepest first.
awk '{ print $2 }' /proc/self/mounts | sort -r | while read -r mounted; do
  case $mounted in
    /run/k3s/*|/var/lib/kubelet/*|/var/lib/rancher/k3s/*|/run/netns/cni-*)
      umount -l "$mounted" && remove "mount $mounted" ;;
  esac
done

for namespace in $(ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }'); do
  ip netns delete "$namespace" && remove "network namespace $namespace"
done
for interface in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
  ip link delete "$interface" 2>/dev/null && remove "interface $interface"
done

for family in iptables ip6tables; do
  command -v "$family-save" >/dev/null || continue
  rules=$("$family-save")
  kept=$(printf '%s\n' "$rules" | grep -vE 'KUBE-|CNI-|FLANNEL|flannel')
  [ "$rules" = "$kept" ] && continue
  printf '%s\n' "$kept" | "$family-restore" && remove "$family rules of K3s"
done
exit 0
