import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PodMetrics } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { ControlPlane } from '../control-plane';
import type { ApiClient } from './api-client';

/** What one scenario answers when the controller asks for the metrics of its pods. */
export type MetricsAnswer = readonly PodMetrics[] | 'error';

/**
 * The resource metrics API in the test's hands, joined to the API server by the aggregation layer. A request of the
 * controller is the moment of a sync: it comes right after the scale was read and right before the decision.
 */
export class MetricsApi {
  private constructor(private readonly server: Server) {}

  /** @param answer Called with the value of the label `scenario` that the request selects by. */
  static async start(
    controlPlane: ControlPlane,
    api: ApiClient,
    answer: (scenario: string) => MetricsAnswer,
  ): Promise<MetricsApi> {
    const certificates = join(controlPlane.folder, 'certificates');
    const server = createServer(
      { key: readFileSync(join(certificates, 'apiserver.key')), cert: readFileSync(controlPlane.caFile) },
      (request, response) => {
        const url = new URL(request.url ?? '/', 'https://metrics');
        const [status, body] = respond(url, answer);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await api.create('/api/v1/namespaces/kube-system/services', {
      metadata: { name: 'metrics' },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port, protocol: 'TCP' }] },
    });
    await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        service: { namespace: 'kube-system', name: 'metrics', port },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    });
    return new MetricsApi(server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const GROUP_VERSION = 'metrics.k8s.io/v1beta1';

function respond(url: URL, answer: (scenario: string) => MetricsAnswer): [number, unknown] {
  if (!url.pathname.endsWith('/pods')) {
    return [
      200,
      {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: GROUP_VERSION,
        resources: [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] }],
      },
    ];
  }
  const scenario = /scenario=([^,]+)/.exec(url.searchParams.get('labelSelector') ?? '')?.[1] ?? '';
  const metrics = answer(scenario);
  if (metrics === 'error') return [500, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 500 }];
  return [
    200,
    {
      kind: 'PodMetricsList',
      apiVersion: GROUP_VERSION,
      metadata: {},
      items: metrics.map(({ pod, timestamp, window, containers }) => ({
        metadata: { name: pod, namespace: 'parity', labels: { scenario } },
        timestamp: new Date(timestamp).toISOString().replace(/\.\d+Z$/, 'Z'),
        window: `${window}ms`,
        containers: Object.entries(containers).map(([name, usage]) => ({
          name,
          usage: {
            ...(usage.cpu !== undefined && { cpu: `${usage.cpu}m` }),
            ...(usage.memory !== undefined && { memory: `${usage.memory / 1000}` }),
          },
        })),
      })),
    },
  ];
}
