#!/usr/bin/env bash
# Applies dist/ to the cluster that install.sh made, and waits for what needs no account: Argo CD, the database, its pooler and the
# gateway; then looks whether K3s enforces the network policies.
set -euo pipefail
cd "$(dirname "$0")/../.."
kubectl() { docker exec --interactive real-k3s-control k3s kubectl "$@"; }

timeout 900 sh -c 'until docker exec real-k3s-control k3s kubectl --namespace argocd get deployment argo-cd-argocd-server >/dev/null 2>&1; do sleep 5; done' ||
  { kubectl --namespace kube-system get jobs,pods >&2; echo 'K3s did not install the chart of Argo CD within 15 min.' >&2; exit 1; }
kubectl --namespace argocd wait --for=condition=Available --timeout=15m deployment --all

docker cp dist real-k3s-control:/root/dist
# Twice, since kinds and namespaces of the first round are known in the second alone.
kubectl apply --server-side --force-conflicts --filename /root/dist/platform || true
kubectl apply --server-side --force-conflicts --filename /root/dist/platform
kubectl apply --server-side --force-conflicts --kustomize /root/dist/workloads/production

running() { kubectl --namespace "$1" rollout status --timeout=15m "$2"; }
running ahuora statefulset/postgres
running ahuora deployment/pgbouncer
running kube-system deployment/traefik

# The database admits who declares it; everybody else is refused by K3s' own policy controller. The first pod shows that there is a
# way at all: without it the second would be refused by any mistake of ours.
address=$(kubectl --namespace ahuora get pod postgres-0 --output 'jsonpath={.status.podIP}')
image=$(kubectl --namespace ahuora get pod postgres-0 --output 'jsonpath={.spec.containers[0].image}')
# ends NAMESPACE POD LABEL PHASE: whether a pod of that label which asks for the database ends so.
ends() {
  kubectl --namespace "$1" run "$2" --image "$image" --restart Never --labels "app.kubernetes.io/name=$3" --overrides '{"spec": {
    "securityContext": {"runAsNonRoot": true, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [{"name": "asks", "image": "'"$image"'",
      "command": ["sh", "-c", "for i in 1 2 3 4 5 6; do pg_isready --host '"$address"' --timeout 5 && exit 0; sleep 2; done; exit 1"],
      "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}]}}'
  kubectl --namespace "$1" wait --for=jsonpath='{.status.phase}'="$4" --timeout=5m "pod/$2" && kubectl --namespace "$1" delete pod "$2"
}
ends ahuora friend postgres-backup Succeeded ||
  { echo 'A pod with the label of the backup does not reach the database, which admits it.' >&2; exit 1; }
ends default stranger stranger Failed ||
  { echo 'A pod that declares no connection reached the database: K3s enforces no network policy.' >&2; exit 1; }

kubectl get nodes,pods --all-namespaces --output wide
