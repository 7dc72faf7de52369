import { stateLines } from './monitoring';

test('pods and containers are told as kube-state-metrics tells them', () => {
  const lines = stateLines([
    {
      metadata: { name: 'idaes-1', namespace: 'ahuora' },
      spec: { nodeName: 'worker-1' },
      status: { containerStatuses: [{ name: 'idaes' }, { name: 'relay' }] },
    },
    // One that waits for a node has no containers yet.
    { metadata: { name: 'idaes-2', namespace: 'ahuora' }, spec: {}, status: {} },
  ]);
  expect(lines.trim().split('\n')).toEqual([
    'kube_pod_info{namespace="ahuora",pod="idaes-1",node="worker-1"} 1',
    'kube_pod_container_info{namespace="ahuora",pod="idaes-1",container="idaes"} 1',
    'kube_pod_container_info{namespace="ahuora",pod="idaes-1",container="relay"} 1',
    'kube_pod_info{namespace="ahuora",pod="idaes-2",node=""} 1',
  ]);
});
