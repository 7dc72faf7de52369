import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PodMetrics } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { ControlPlane } from '../control-plane';
import type { ApiClient } from './api-client';
import type { CustomAnswer } from './custom-metrics';

/** What one scenario answers when the controller asks for the resource metrics of its pods. */
export type MetricsAnswer = readonly PodMetrics[] | 'error';

/** What one scenario answers whatever the controller asks for. */
export interface Answers {
  readonly resource: MetricsAnswer;
  readonly custom: readonly CustomAnswer[];
}

const RESOURCE = 'metrics.k8s.io/v1beta1';
const CUSTOM = 'custom.metrics.k8s.io/v1beta2';
const EXTERNAL = 'external.metrics.k8s.io/v1beta1';

/**
 * The three metrics APIs in the test's hands, joined to the API server by the aggregation layer. A request of the
 * controller is the moment of a sync: it comes right after the scale was read and right before the decision.
 */
export class MetricsApi {
  private constructor(private readonly server: Server) {}

  /** @param answer Called with the name of the scenario that the request is about. */
  static async start(
    controlPlane: ControlPlane,
    api: ApiClient,
    answer: (scenario: string) => Answers,
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
    for (const [group, version] of [RESOURCE, CUSTOM, EXTERNAL].map((each) => each.split('/'))) {
      await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
        metadata: { name: `${version}.${group}` },
        spec: {
          group,
          version,
          service: { namespace: 'kube-system', name: 'metrics', port },
          insecureSkipTLSVerify: true,
          groupPriorityMinimum: 100,
          versionPriority: 100,
        },
      });
    }
    return new MetricsApi(server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

type Response = readonly [number, unknown];

function respond(url: URL, answer: (scenario: string) => Answers): Response {
  const path = url.pathname.split('/').filter((part) => part !== '');
  const [, group, version, namespaces, , ...rest] = path.map(decodeURIComponent);
  if (namespaces !== 'namespaces') return [200, discovery(`${group}/${version}`)];
  switch (group) {
    case 'metrics.k8s.io':
      return resourceMetrics(answer(scenarioOf(url)).resource, scenarioOf(url));
    case 'external.metrics.k8s.io': {
      const [metric] = rest;
      const selector = url.searchParams.get('labelSelector') ?? '';
      const found = answer(scenarioBefore(metric)).custom.find(
        (one) => one.type === 'External' && one.metric === metric && one.selector === selector,
      );
      return externalMetrics(found, metric);
    }
    default: {
      const [, object, metric] = rest;
      const selector = url.searchParams.get('metricLabelSelector') ?? '';
      const ofPods = object === '*';
      const scenario = ofPods ? scenarioOf(url) : scenarioBefore(object);
      const found = answer(scenario).custom.find(
        (one) =>
          one.metric === metric &&
          one.selector === selector &&
          (ofPods ? one.type === 'Pods' : one.type === 'Object' && one.object === object),
      );
      return customMetrics(found, metric);
    }
  }
}

function scenarioOf(url: URL): string {
  return /scenario=([^,]+)/.exec(url.searchParams.get('labelSelector') ?? '')?.[1] ?? '';
}

/** Names of external metrics and of objects begin with their scenario's. */
function scenarioBefore(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

function discovery(groupVersion: string) {
  const [name, kind] =
    groupVersion === RESOURCE
      ? ['pods', 'PodMetrics']
      : groupVersion === CUSTOM
        ? ['pods/any', 'MetricValueList']
        : ['any', 'ExternalMetricValueList'];
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: [{ name, singularName: '', namespaced: true, kind, verbs: ['get', 'list'] }],
  };
}

const failure = (code: number, reason: string): Response => [
  code,
  { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code },
];
const broken = failure(500, 'InternalError');
const unknown = failure(404, 'NotFound');

/** API times are whole seconds. */
const apiTime = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

function resourceMetrics(metrics: MetricsAnswer, scenario: string): Response {
  if (metrics === 'error') return broken;
  return [
    200,
    {
      kind: 'PodMetricsList',
      apiVersion: RESOURCE,
      metadata: {},
      items: metrics.map(({ pod, timestamp, window, containers }) => ({
        metadata: { name: pod, namespace: 'parity', labels: { scenario } },
        timestamp: apiTime(timestamp),
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

function customMetrics(answer: CustomAnswer | undefined, metric: string): Response {
  if (answer === undefined) return unknown;
  if (answer.values === 'error') return broken;
  const items = Object.entries(answer.values).map(([name, value]) => ({
    describedObject:
      answer.type === 'Pods'
        ? { kind: 'Pod', namespace: 'parity', name, apiVersion: '/v1' }
        : { kind: 'Service', namespace: 'parity', name: answer.object, apiVersion: '/v1' },
    metric: { name: metric, selector: null },
    timestamp: apiTime(Date.now()),
    value: `${value}m`,
  }));
  return [200, { kind: 'MetricValueList', apiVersion: CUSTOM, metadata: {}, items }];
}

function externalMetrics(answer: CustomAnswer | undefined, metric: string): Response {
  if (answer === undefined) return unknown;
  if (answer.values === 'error') return broken;
  const items = Object.values(answer.values).map((value, index) => ({
    metricName: metric,
    metricLabels: { series: String(index) },
    timestamp: apiTime(Date.now()),
    value: `${value}m`,
  }));
  return [200, { kind: 'ExternalMetricValueList', apiVersion: EXTERNAL, metadata: {}, items }];
}
