import { isPlaced } from '../objects/kinds';
import { isIP } from 'node:net';
import { asTexts, asList, podField, type PodTemplate } from '../objects/pod-template';
import { claimsOf } from '../objects/volumes';
import { podRule, wiringRule, type Rule, type Violation } from '../rule';

/** A process needs some seconds to end, and a node is drained within minutes. */
const LEAST_GRACE_SECONDS = 10;
const LEAST_GRACE_OF_DATA_SECONDS = 60;
const MOST_GRACE_SECONDS = 600;

/** Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]);

/** Rules of fields of a pod that few pods need, and that keep it from starting or from staying. */
export const podSettingRules: readonly Rule[] = [
  podRule(
    {
      id: 'pods-have-time-to-end',
      why: 'A process that is killed before it has ended loses what it had not written; one that may take for ever blocks a drain.',
      remedy: 'give it as many seconds as it needs to end, such as 30, and a database 60 or more',
    },
    function* (pod) {
      const grace: number | undefined = pod.spec.terminationGracePeriodSeconds;
      const least = isPlaced(pod.at, 'StatefulSet') ? LEAST_GRACE_OF_DATA_SECONDS : LEAST_GRACE_SECONDS;
      if ((grace ?? 30) >= least && (grace ?? 30) <= MOST_GRACE_SECONDS) return;
      const field = podField(pod, 'terminationGracePeriodSeconds');
      const message = `the pod is killed after ${grace ?? 30} s, and ${least} to ${MOST_GRACE_SECONDS} s are of use here`;
      yield { at: pod.at, field, message };
    },
  ),
  podRule(
    {
      id: 'pods-can-start-and-stay',
      why: 'A pod that asks for a part that the cluster does not have never starts, and one with a deadline is stopped.',
      remedy: 'leave the field out: no pod here needs it',
    },
    function* (pod) {
      const at = pod.at;
      for (const { field, message } of unusable(pod)) yield { at, field: podField(pod, field), message };
    },
  ),
  podRule(
    {
      id: 'groups-are-not-root',
      why: 'Files of the group root are open to a process that belongs to it.',
      remedy: 'use a group above 0, as the image or the volume has it',
    },
    function* (pod) {
      const settings = pod.spec.securityContext ?? {};
      for (const [field, value] of Object.entries({
        runAsGroup: settings.runAsGroup,
        fsGroup: settings.fsGroup,
        supplementalGroups: settings.supplementalGroups,
      })) {
        if (![value].flat().includes(0)) continue;
        yield {
          at: pod.at,
          field: podField(pod, `securityContext.${field}`),
          message: 'the group is 0, which is root',
        };
      }
    },
  ),
  wiringRule(
    {
      id: 'pinned-pods-find-their-place',
      why: 'A pod that can run on one node alone stays pending while others fill that node, unless they make way for it.',
      remedy: 'give it a PriorityClass above 0 that preempts',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        if (pod.isTask) continue;
        const isPinned =
          pod.spec.nodeSelector?.['kubernetes.io/hostname'] !== undefined || claimsOf(scope, pod).length > 0;
        if (!isPinned) continue;
        const field = podField(pod, 'priorityClassName');
        const name: string | undefined = pod.spec.priorityClassName;
        if (name === undefined) {
          yield { at: pod.at, field, message: 'the pod can run on one node alone, and no other makes way for it' };
          continue;
        }
        const found = scope.find('PriorityClass', '', name);
        if (found && found.object['preemptionPolicy'] === 'Never')
          yield {
            at: found,
            field: 'preemptionPolicy',
            message: `no pod makes way for ${pod.at.label}, which can run on one node alone`,
          };
      }
    },
  ),
  wiringRule(
    {
      id: 'priority-classes-are-usable',
      why: 'The API server keeps values above a billion for itself; a default for all pods sets none above another.',
      remedy: 'use a value from 1 to 1000000000, and name the class in the pods that need it',
    },
    function* (scope) {
      for (const at of scope.ofKind('PriorityClass')) yield* judgeClass(at);
    },
  ),
];

function* judgeClass(at: PodTemplate['at']): Iterable<Violation> {
  const value = Number(at.object['value']);
  if (!(value >= 1 && value <= 1_000_000_000)) {
    yield { at, field: 'value', message: `${at.object['value']} is no value that a class may have` };
  }
  if (at.object['globalDefault'] === true) {
    yield { at, field: 'globalDefault', message: 'every pod that names no class would be of this one' };
  }
}

function* unusable({ spec, isTask }: PodTemplate): Iterable<{ field: string; message: string }> {
  if (spec.dnsPolicy === 'None' && asTexts(spec.dnsConfig?.nameservers).length === 0) {
    yield { field: 'dnsPolicy', message: 'the pod asks no name server at all' };
  }
  if (spec.dnsPolicy === 'Default') {
    yield { field: 'dnsPolicy', message: 'the pod asks the resolver of its node, which knows no Service' };
  }
  if (spec.runtimeClassName) {
    yield { field: 'runtimeClassName', message: `K3s has no runtime class ${spec.runtimeClassName}` };
  }
  if (spec.schedulerName !== undefined && spec.schedulerName !== 'default-scheduler') {
    yield { field: 'schedulerName', message: `there is no scheduler ${spec.schedulerName}` };
  }
  if (spec.activeDeadlineSeconds !== undefined && !isTask) {
    yield {
      field: 'activeDeadlineSeconds',
      message: `the pod is stopped ${spec.activeDeadlineSeconds} s after its start`,
    };
  }
  if (spec.shareProcessNamespace) {
    yield {
      field: 'shareProcessNamespace',
      message: 'each container reads the memory and the variables of the others',
    };
  }
  for (const [index, { ip, hostnames }] of asList(spec.hostAliases).entries()) {
    if (isIP(String(ip)) !== 0) {
      const names = asTexts(hostnames).join(', ');
      yield { field: `hostAliases[${index}]`, message: `${names} stays at ${ip}, whatever address it has later` };
      continue;
    }
    yield { field: `hostAliases[${index}].ip`, message: `"${ip}" is not an address` };
  }
  for (const [index, server] of asTexts(spec.dnsConfig?.nameservers).entries()) {
    if (isIP(server) !== 0) continue;
    yield { field: `dnsConfig.nameservers[${index}]`, message: `"${server}" is not an address` };
  }
  for (const [index, { name }] of asList(spec.securityContext?.sysctls).entries()) {
    if (SAFE_SYSCTLS.has(String(name))) continue;
    yield { field: `securityContext.sysctls[${index}]`, message: `the kubelet refuses ${name}` };
  }
}
