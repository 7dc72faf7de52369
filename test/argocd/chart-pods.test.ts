import { chartPods } from '../../argocd';
import { argoCdValues } from '../../argocd/argo-cd-values';
import { monitoringValues, type MonitoringSettings } from '../../argocd/monitoring-values';
import { mebibytes, millicores } from '../../lib/kubernetes/quantity';

const settings: MonitoringSettings = {
  clusterName: 'test',
  remoteWriteUrl: 'https://metrics.example/api/prom/push',
  logsUrl: 'https://logs.example/loki/api/v1/push',
  probedUrl: 'https://sign-in.example/ping',
  credentials: { name: 'grafana-cloud', namespace: 'monitoring' },
  logCredentials: { name: 'grafana-cloud-logs', namespace: 'monitoring' },
  storageDevices: ['/dev/mmcblk0'],
  uplinkNode: 'control',
};

/** Every `resources.requests` in a chart's values, wherever it stands. */
function requestsIn(values: unknown): { cpu: string; memory: string }[] {
  if (typeof values !== 'object' || values === null) return [];
  return Object.entries(values).flatMap(([key, value]) =>
    key === 'requests' ? [value as { cpu: string; memory: string }] : requestsIn(value),
  );
}

test('every request that the charts are given is counted against the nodes', () => {
  const given = [argoCdValues('control', ['192.0.2.53']), monitoringValues(settings)].flatMap(requestsIn);
  const counted = chartPods(settings).map(({ cpuMillicores, memoryMiB }) => [cpuMillicores, memoryMiB]);
  expect(given.length).toBeGreaterThanOrEqual(5);
  for (const { cpu, memory } of given) {
    expect(counted).toContainEqual([millicores(cpu, 'cpu'), mebibytes(memory, 'memory')]);
  }
  expect(counted).toHaveLength(given.length + 2);
});

test('pods that must reach the internet are counted on the node that does', () => {
  const onControl = chartPods(settings).filter(
    ({ nodeLabels }) => nodeLabels?.['kubernetes.io/hostname'] === 'control',
  );
  expect(onControl.map(({ component }) => component)).toEqual([
    'argo-cd',
    'monitoring',
    'monitoring',
    'monitoring',
    'monitoring',
  ]);
});
