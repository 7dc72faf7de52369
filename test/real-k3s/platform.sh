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

ready() { kubectl --namespace "$1" wait --for=condition=Ready --timeout=15m pod --selector "app.kubernetes.io/name=$2"; }
ready ahuora postgres
ready ahuora pgbouncer
kubectl --namespace kube-system rollout status --timeout=15m deployment traefik

# The database admits who declares it; a pod without a label of ours is refused by K3s' own policy controller.
address=$(kubectl --namespace ahuora get service postgres --output 'jsonpath={.spec.clusterIP}')
image=$(kubectl --namespace ahuora get pod --selector app.kubernetes.io/name=postgres --output 'jsonpath={.items[0].spec.containers[0].image}')
kubectl --namespace default run stranger --image "$image" --restart Never --command -- pg_isready --host "$address" --timeout 10
kubectl --namespace default wait --for=jsonpath='{.status.phase}'=Failed --timeout=5m pod/stranger ||
  { echo 'A pod that declares no connection reached the database: K3s enforces no network policy.' >&2; exit 1; }
kubectl --namespace default delete pod stranger

kubectl get nodes,pods --all-namespaces --output wide
