import { ApiObject } from 'cdk8s';
import { k8s } from '../../lib/constructs/typed-kinds';
import { images } from '../../facts/images';
import { SIGNAL_PARTS } from '../../facts/signal-parts';
import { cpuQuantity, memoryQuantity } from '../../lib/kubernetes/quantity';
import { ConfigFiles } from '../../lib/constructs/config-files';
import { serviceEndpoint, tcp, type Endpoint } from '../../lib/constructs/network/endpoint';
import { tcpConnect } from '../../lib/constructs/pod/probe';
import { scratch } from '../../lib/constructs/pod/volume';
import { WebService } from '../../lib/constructs/workload/web-service';
import { FOUNDATION } from '../namespace';
import type { Platform } from '../platform';
import { adapterRules } from './metric-rules';
import { prometheus } from './prometheus';
import { SignalsComponent } from './signals-component';

const adapter = serviceEndpoint('prometheus-adapter', 6443);

const CONFIG = '/etc/adapter';
const GROUP_VERSION = { group: 'external.metrics.k8s.io', version: 'v1beta1' };

/**
 * The external metrics API of Kubernetes, answered from Prometheus. It runs beside the API server, since the calls of its own
 * node pass whatever network policies say; its certificate is checked no more than metrics-server's, and made at each start.
 * Rights, fewer than its own manifests ask for (deploy/manifests of prometheus-adapter 0.12): to ask the API server who calls
 * and whether they may, and to read how it signs its calls. Autoscalers ask by `system:controller:horizontal-pod-autoscaler`.
 * Footprint: 50m and 64 MiB requested, 128 MiB at most.
 */
export class PrometheusAdapter extends SignalsComponent {
  constructor(platform: Platform) {
    super(platform, 'prometheus-adapter', 1);
    const { relistSeconds } = platform.settings.signals;
    const server = platform.inventory.hosts.find(({ role }) => role === 'server')!;
    const apiServer: Endpoint = {
      peer: { name: 'kube-apiserver', addresses: { include: [`${server.address}/32`] } },
      ports: tcp(6443),
    };
    const config = new ConfigFiles(this, 'prometheus-adapter-config', { 'config.yaml': adapterRules() });
    this.makeRights();
    new WebService(this, {
      image: images.prometheusAdapter,
      args: [
        '--cert-dir=/tmp/certificates',
        `--config=${CONFIG}/config.yaml`,
        `--prometheus-url=http://${prometheus.host}:${prometheus.port}/`,
        `--metrics-relist-interval=${relistSeconds}s`,
        `--secure-port=${adapter.port}`,
      ],
      port: adapter.port,
      priorityClass: FOUNDATION,
      probes: {
        startup: { action: tcpConnect(adapter.port), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 60 },
        readiness: { action: tcpConnect(adapter.port), periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
        liveness: { action: tcpConnect(adapter.port), periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 6 },
      },
      mounts: [{ kind: 'config', config, path: CONFIG }, scratch('/tmp', '16Mi')],
      host: server.name,
      serviceAccount: this.name,
      preStopSleepSeconds: 5,
      resources: {
        cpu: { request: cpuQuantity(SIGNAL_PARTS.prometheusAdapter.cpuMillicores), limit: '500m' },
        memory: {
          request: memoryQuantity(SIGNAL_PARTS.prometheusAdapter.memoryMiB),
          limit: memoryQuantity(SIGNAL_PARTS.prometheusAdapter.memoryLimitMiB),
        },
      },
      connects: [prometheus, apiServer],
    });
    this.connects([adapter], apiServer.peer);
    new ApiObject(this, 'api-service', {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: this.clusterMetadata(`${GROUP_VERSION.version}.${GROUP_VERSION.group}`, { syncWave: 2 }),
      spec: {
        ...GROUP_VERSION,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: adapter.host, namespace: this.componentNamespace, port: adapter.port },
      },
    });
  }

  private makeRights(): void {
    const account = { kind: 'ServiceAccount', name: this.name, namespace: this.componentNamespace };
    new k8s.KubeServiceAccount(this, 'service-account', {
      metadata: this.objectMetadata(),
      automountServiceAccountToken: false,
    });
    new k8s.KubeClusterRole(this, 'delegated-review', {
      metadata: this.clusterMetadata(this.name),
      rules: [
        { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
        { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'delegated-review-binding', {
      metadata: this.clusterMetadata(this.name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: this.name },
      subjects: [account],
    });
    // How the API server signs what it passes on; the same as the built-in role extension-apiserver-authentication-reader.
    const inSystem = { namespace: 'kube-system' };
    new k8s.KubeRole(this, 'request-header', {
      metadata: this.objectMetadata(this.name, inSystem),
      rules: [
        {
          apiGroups: [''],
          resources: ['configmaps'],
          resourceNames: ['extension-apiserver-authentication'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    });
    new k8s.KubeRoleBinding(this, 'request-header-binding', {
      metadata: this.objectMetadata(this.name, inSystem),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: this.name },
      subjects: [account],
    });
  }
}
