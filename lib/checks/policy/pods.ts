import { configMapsOf, podField } from '../objects/pod-template';
import { podRule, scopeRule, type Rule } from '../rule';

/** Rules of pods as a whole. */
export const podRules: readonly Rule[] = [
  podRule(
    {
      id: 'pods-ask-for-arm64',
      why: 'The nodes are arm64; a pod that lands elsewhere dies with an exec format error.',
      remedy: 'set nodeSelector kubernetes.io/arch to arm64',
    },
    function* (pod) {
      if (pod.spec.nodeSelector?.['kubernetes.io/arch'] === 'arm64') return;
      yield { at: pod.at, field: podField(pod, 'nodeSelector'), message: 'the pod does not ask for an arm64 node' };
    },
  ),
  podRule(
    {
      id: 'pods-end-within-their-grace-period',
      why: 'A process is killed, with the requests it still serves, when preStop and shutdown outlast the grace period.',
      remedy: 'raise terminationGracePeriodSeconds above the sleep, with time left to shut down',
    },
    function* (pod) {
      const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
      for (const container of pod.containers) {
        const seconds = preStopSeconds(container.spec.lifecycle?.preStop);
        if (seconds === undefined || seconds < grace) continue;
        const field = `${container.field}.lifecycle.preStop`;
        yield { at: pod.at, field, message: `preStop takes ${seconds} s of a grace period of ${grace} s` };
      }
    },
  ),
  scopeRule(
    {
      id: 'configuration-changes-roll-pods',
      why: 'A running process keeps its old settings when only the ConfigMap changes.',
      remedy: 'put a checksum of the ConfigMap among the annotations of the pod template',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        if (pod.isTask) continue; // Each run is a new pod.
        const rendered = configMapsOf(pod).filter((name) => scope.find('ConfigMap', pod.namespace, name));
        const hasChecksum = Object.keys(pod.annotations).some((key) => /checksum/i.test(key));
        if (rendered.length === 0 || hasChecksum) continue;
        const field = [pod.field, 'metadata.annotations'].filter(Boolean).join('.');
        yield {
          at: pod.at,
          field,
          message: `the pod uses the ConfigMap ${rendered.join(', ')} and carries no checksum of it`,
        };
      }
    },
  ),
];

function preStopSeconds(
  preStop:
    | { readonly sleep?: { readonly seconds?: number }; readonly exec?: { readonly command?: readonly unknown[] } }
    | undefined,
): number | undefined {
  if (preStop?.sleep) return preStop.sleep.seconds;
  const command = preStop?.exec?.command?.join(' ') ?? '';
  const match = /\bsleep (\d+(?:\.\d+)?)/.exec(command);
  return match ? Number(match[1]) : undefined;
}
