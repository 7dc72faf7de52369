import { isPlaced } from '../objects/kinds';
import { isTimeZone, scheduleProblem } from '../../kubernetes/schedule/cron';
import { schemaVersion } from '../schema/schemas';
import { podsOfK3s } from '../objects/k3s-pods';
import { asList, podField, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { nodesOfCluster } from '../../kubernetes/node-capacity';
import { nodeLabelsFor } from '../capacity/requests';
import { objectRule, wiringRule, type Rule } from '../rule';
import { callsOf } from '../objects/calls';
import { egressOf, peersOf, type PolicyPeer } from './edges';

/** Rules of names and values that lead outside of what is rendered: to the clock, the nodes and K3s' own pods. */
export const valueRules: readonly Rule[] = [
  objectRule(
    {
      id: 'schedules-can-be-read',
      why: 'The API server refuses a schedule that it cannot read, and a wrong zone shifts the hour.',
      remedy: 'write five fields, such as "30 3 * * *", and a zone such as Pacific/Auckland',
    },
    function* (at) {
      if (!isPlaced(at, 'CronJob')) return;
      const { schedule, timeZone } = at.object.spec ?? {};
      const problem = scheduleProblem(String(schedule ?? ''));
      if (problem) yield { at, field: 'spec.schedule', message: `"${schedule}" is no schedule: ${problem}` };
      if (timeZone !== undefined && !isTimeZone(String(timeZone))) {
        yield { at, field: 'spec.timeZone', message: `"${timeZone}" is not a time zone` };
      }
    },
  ),
  wiringRule(
    {
      id: 'priority-classes-exist',
      why: 'The API server refuses a pod of a priority class that it does not know.',
      remedy: 'name a PriorityClass that is rendered',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const name: string | undefined = pod.spec.priorityClassName;
        if (!name || name.startsWith('system-') || scope.find('PriorityClass', '', name)) continue;
        const field = podField(pod, 'priorityClassName');
        yield { at: pod.at, field, message: `there is no PriorityClass ${name}` };
      }
    },
  ),
  wiringRule(
    {
      id: 'pods-of-others-are-known',
      why: 'A policy for pods that are called otherwise lets nothing through, the name server least of all.',
      remedy: 'use the labels and ports that K3s gives to its pods',
    },
    function* (scope) {
      for (const at of scope.ofKind('NetworkPolicy')) {
        const peers = [...peersOf(at, 'egress'), ...peersOf(at, 'ingress')];
        for (const peer of peers.filter(({ namespace }) => namespace !== undefined)) {
          const problem = peerProblem(scope, peer);
          if (problem) yield { at, field: peer.field, message: problem };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'callers-can-ask-for-names',
      why: 'A pod that may call a service but not the name server never finds its address.',
      remedy: 'let the policy of the pod reach the name server, kube-dns of kube-system on port 53',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const peers = egressOf(scope, pod.namespace, pod.labels);
        if (peers.length === 0 || callsOf(scope, pod).length === 0) continue;
        if (peers.some((peer) => isNameServer(peer) && peer.ports.some(({ port }) => port === 53))) continue;
        yield { at: peers[0]!.at, field: 'spec.egress', message: `${pod.at.label} may not ask the name server` };
      }
    },
  ),
  wiringRule(
    {
      id: 'internet-callers-have-an-uplink',
      why: 'Only nodes with Wi-Fi reach the internet; a pod elsewhere calls in vain.',
      remedy: 'place the pod on a node with an uplink, or give that node `wifi: true` in the inventory',
    },
    function* (scope, { inventory }) {
      const uplinks = new Set(inventory.hosts.filter(({ hasUplink }) => hasUplink).map(({ name }) => name));
      for (const pod of scope.pods) {
        if (!egressOf(scope, pod.namespace, pod.labels).some(isInternet)) continue;
        const host: string | undefined = pod.spec.nodeSelector?.['kubernetes.io/hostname'];
        if (host !== undefined && uplinks.has(host)) continue;
        const where = host === undefined ? 'may run on any node' : `runs on ${host}, which has no uplink`;
        const field = podField(pod, 'nodeSelector');
        yield { at: pod.at, field, message: `the pod calls the internet and ${where}` };
      }
    },
  ),
  wiringRule(
    {
      id: 'outside-names-are-found',
      why: 'The name server of the cluster may run on a node without a way out, and then knows no name outside.',
      remedy: 'give the pod the public name servers of the settings (fallbackNameServers), and let it ask them',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const callsByName = egressOf(scope, pod.namespace, pod.labels).some(({ block }) => block === '0.0.0.0/0');
        if (!callsByName || asNames(pod.spec.dnsConfig?.nameservers).length > 0 || pod.spec.dnsPolicy === 'Default')
          continue;
        const field = podField(pod, 'dnsConfig.nameservers');
        yield { at: pod.at, field, message: 'the pod calls the internet, and asks no name server outside' };
      }
    },
  ),
  wiringRule(
    {
      id: 'taints-are-tolerated',
      why: 'A pod that its only node repels stays pending.',
      remedy: 'tolerate the taint, or place the pod on another node',
    },
    function* (scope, { inventory }) {
      const nodes = nodesOfCluster(inventory);
      for (const pod of scope.pods) {
        const { hosts, labels } = nodeLabelsFor(scope, pod);
        const pinned = labels['kubernetes.io/hostname'] ?? (hosts?.length === 1 ? hosts[0] : undefined);
        const node = nodes.find(({ name }) => name === pinned);
        const taint = node?.taints.find((candidate) => !tolerates(pod, candidate));
        if (!node || !taint) continue;
        const message = `${node.name} has the taint ${taint.key}=${taint.value}:${taint.effect}, which the pod does not tolerate`;
        yield { at: pod.at, field: podField(pod, 'tolerations'), message };
      }
    },
  ),
  {
    id: 'schemas-are-those-of-the-cluster',
    why: 'Objects are held against the schemas of one Kubernetes version, and another runs.',
    remedy: 'run npm run import with the version that ansible/inventory/group_vars/all/versions.yml names',
    over: 'object',
    *check(scope, { reviewed }) {
      const [schemas, cluster] = [schemaVersion(), reviewed.clusterVersion].map(
        (version) => /^v\d+\.\d+/.exec(version)?.[0],
      );
      const [at] = scope.objects;
      if (!at || schemas === cluster) return;
      const message = `schemas are those of ${schemas}, and k3s_version of Ansible is ${reviewed.clusterVersion}`;
      yield { at, field: 'apiVersion', message };
    },
  },
];

function peerProblem(scope: Scope, { namespace = '', pods, ports, field }: PolicyPeer): string | undefined {
  if (namespace !== 'kube-system') {
    if (scope.find('Namespace', '', namespace) || AGREED_NAMESPACES.includes(namespace)) return undefined;
    return `there is no namespace ${namespace}`;
  }
  const isEgress = field.startsWith('spec.egress');
  const labels = Object.entries(pods ?? {});
  const known = podsOfK3s(pods ?? {});
  const text = labels.map(([key, value]) => `${key}=${value}`).join(', ');
  if (!known) return `K3s has no pods with the labels ${text || '(none)'}`;
  const wrong = isEgress ? ports.find(({ port }) => !known.ports.includes(Number(port))) : undefined;
  return wrong
    ? `the pods with the label ${text} listen on ${known.ports.join(', ')}, and not on ${wrong.port}`
    : undefined;
}

/** Namespaces of charts, whose objects are rendered elsewhere. */
const AGREED_NAMESPACES = ['argocd', 'monitoring'];

const asNames = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function isNameServer({ namespace, pods }: PolicyPeer): boolean {
  return namespace === 'kube-system' && pods?.['k8s-app'] === 'kube-dns';
}

/** An address block that is not one of the private networks. */
function isInternet({ block }: PolicyPeer): boolean {
  return (
    block !== undefined &&
    !/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(block)
  );
}

function tolerates(pod: PodTemplate, taint: { key: string; value: string; effect: string }): boolean {
  if (taint.effect === 'PreferNoSchedule') return true;
  return asList(pod.spec.tolerations).some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === taint.effect) &&
      (key === undefined ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === taint.value),
  );
}
