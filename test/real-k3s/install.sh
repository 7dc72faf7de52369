#!/usr/bin/env bash
# Installs real K3s on the two machines with the roles of ansible/, through the image mirror on this computer. Needs what
# machines.sh made, Ansible on PATH (tools/requirements-ansible.txt), Go and the internet.
set -euo pipefail
cd "$(dirname "$0")/../../ansible"
made=../test/real-k3s/.made
settings=(--inventory inventory --inventory ../test/real-k3s/hosts.yml
  --extra-vars @../test/real-k3s/variables.yml --extra-vars "@$made/vault.yml" --private-key "$made/key")

../test/real-k3s/vault.py >"$made/vault.yml"
# `site` refuses addresses that are still an example; nothing is sent there from here.
sed -i 's/example\.grafana\.net/throw-away.grafana.net/' ../dist/argocd/monitoring.yaml

mirror=$(sed -n 's/^distribution_version: //p' inventory/group_vars/all/versions.yml)
mkdir -p artefacts
CGO_ENABLED=0 go build -C ../tools/registry-mirror -trimpath -o "$PWD/artefacts/registry-mirror-$mirror" .
ansible-playbook "${settings[@]}" playbooks/stage.yml

ansible-playbook "${settings[@]}" --limit ingress playbooks/registry.yml
ansible-playbook "${settings[@]}" --limit control,worker-1 playbooks/host-keys.yml
ansible-playbook "${settings[@]}" --limit control,worker-1 playbooks/host-keys.yml --extra-vars host_keys_accepted=yes
ansible-playbook "${settings[@]}" --limit control,worker-1 --tags volumes,k3s,deployments playbooks/site.yml
# Again: nothing may change.
ansible-playbook "${settings[@]}" --limit control,worker-1 --tags volumes,k3s,deployments playbooks/site.yml | tee "$made/second-run"
if grep -E 'changed=[1-9]' "$made/second-run"; then
  echo 'The second run of site changed something (lines above).' >&2
  exit 1
fi

# Columns that need the rest of the site (clock, firewall, names of ingress) are not ok here; the nodes' must be.
ansible-playbook "${settings[@]}" --limit control,worker-1 playbooks/verify.yml | tee "$made/verify" || true
for node in control worker-1; do
  grep -E "$node .* ok, v[0-9]" "$made/verify" >/dev/null ||
    { echo "verify does not find $node Ready (table above)." >&2; exit 1; }
done
