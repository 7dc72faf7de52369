import type { PodReservation } from '../../constructs/platform-model';

/**
 * The pods that K3s itself brings and that ask for something, as its own manifests have them (manifests/coredns.yaml and
 * manifests/metrics-server of k3s-io/k3s). Its Traefik and load balancer ask for nothing.
 */
export const K3S_ADD_ONS: readonly PodReservation[] = ['coredns', 'metrics-server'].map((component) => ({
  component: `k3s: ${component}`,
  pods: 1,
  cpuMillicores: 100,
  memoryMiB: 70,
}));
