/**
 * Pods that K3s brings, by the label that its manifests give them, with the ports on which they listen.
 * Source: manifests/coredns.yaml, manifests/traefik.yaml and manifests/metrics-server of k3s-io/k3s, and its service load
 * balancer (pkg/cloudprovider/servicelb.go), whose pods listen on the ports of the Service.
 */
const K3S_PODS: readonly { readonly label: readonly [string, string]; readonly ports: readonly number[] }[] = [
  { label: ['k8s-app', 'kube-dns'], ports: [53] },
  { label: ['app.kubernetes.io/name', 'traefik'], ports: [8443, 8000, 8080, 9100] },
  { label: ['k8s-app', 'metrics-server'], ports: [10250] },
  { label: ['svccontroller.k3s.cattle.io/svcname', 'traefik'], ports: [80, 443] },
];

/** The pods of K3s that exactly this label means. */
export function podsOfK3s(labels: Readonly<Record<string, string>>) {
  const entries = Object.entries(labels);
  return K3S_PODS.find(
    ({ label: [key, value] }) => entries.length === 1 && entries[0]![0] === key && entries[0]![1] === value,
  );
}
