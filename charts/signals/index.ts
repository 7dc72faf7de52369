import { k8s } from '../../lib/constructs/typed-kinds';
import { componentsOf, connectionsOf } from '../../lib/constructs/model-parts';
import { NEVER_PRUNED } from '../../lib/constructs/component';
import { NetworkPolicies } from '../../lib/constructs/network/network-policies';
import type { Tree } from '../../lib/constructs/platform-model';
import type { ScheduledFloor, WorkloadVariant } from '../../lib/kubernetes/workload-variant';
import { SIGNALS_NAMESPACE } from '../../facts/namespaces';
import { nameServer } from '../external';
import { separateOutput, type Platform } from '../platform';
import { Prometheus } from './prometheus';
import { PrometheusAdapter } from './prometheus-adapter';
import { SignalsComponent } from './signals-component';

/**
 * The folder `dist/signals`: what autoscalers need that look at another signal than CPU.
 *
 * @param variants what is rendered of the workloads: their floors are stated, each as a series of its own
 */
export function signalsTree(platform: Platform, variants: readonly WorkloadVariant[]): Tree {
  const output = separateOutput(platform);
  new SignalsNamespace(output);
  new Prometheus(output, floorsOf(variants));
  new PrometheusAdapter(output);
  const network = new SignalsComponent(output, 'network');
  const connections = () => connectionsOf(componentsOf(output.app));
  new NetworkPolicies(network, { connections, nameServer });
  return { directory: 'signals', app: output.app };
}

class SignalsNamespace extends SignalsComponent {
  constructor(platform: Platform) {
    super(platform, 'namespace');
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    new k8s.KubeNamespace(this, 'namespace', {
      metadata: this.clusterMetadata(SIGNALS_NAMESPACE, { labels, annotations: NEVER_PRUNED, syncWave: -1 }),
    });
  }
}

function floorsOf(variants: readonly WorkloadVariant[]): ScheduledFloor[] {
  const floors = variants.flatMap(({ settings }) =>
    Object.values(settings).flatMap(({ replicas }) => (typeof replicas === 'object' ? (replicas.floor ?? []) : [])),
  );
  return [...new Map(floors.map((floor) => [JSON.stringify(floor), floor])).values()];
}
