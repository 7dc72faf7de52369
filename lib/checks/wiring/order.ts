import { publicRoutes } from '../gateway/routes';
import type { PlacedObject } from '../objects/placed-object';
import { directoryOf, type Scope } from '../objects/scope';
import { claimsOf, volumesFor } from '../objects/volumes';
import { wiringRule, type Rule } from '../rule';
import { filesOf } from '../objects/calls';
import { parseImage } from '../../kubernetes/image';
import { egressOf } from './edges';

const WAVE = 'argocd.argoproj.io/sync-wave';

/** Rules of the order in which Argo CD applies what depends on each other. */
export const orderRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'waves-follow-dependencies',
      why: 'Argo CD waits for a wave to be healthy: what needs something of a later wave never becomes so.',
      remedy: 'give it a wave that is not before that of what it needs',
    },
    function* (scope) {
      for (const { at, needs } of dependencies(scope)) {
        if (isHook(at) || isHook(needs) || directoryOf(at) !== directoryOf(needs)) continue;
        if (waveOf(needs) <= waveOf(at)) continue;
        yield {
          at,
          field: `metadata.annotations["${WAVE}"]`,
          message: `it is of wave ${waveOf(at)} and needs ${needs.label} of wave ${waveOf(needs)}`,
        };
      }
    },
  ),
  wiringRule(
    {
      id: 'nothing-waits-for-the-tunnel',
      why: 'The tunnel is ready when Cloudflare is reached: whatever is of a later wave is not installed without an uplink.',
      remedy: 'give the tunnel the last wave of its folder, or what waits for it the same one',
    },
    function* (scope) {
      const tunnels = scope.pods.filter(({ containers }) => containers.some(({ spec }) => isTunnel(spec.image)));
      for (const { at } of tunnels) {
        const later = scope.objects.find(
          (other) => directoryOf(other) === directoryOf(at) && waveOf(other) > waveOf(at),
        );
        if (!later) continue;
        const message = `it is of wave ${waveOf(at)}, and ${later.label} of wave ${waveOf(later)} waits for it`;
        yield { at, field: `metadata.annotations["${WAVE}"]`, message };
      }
    },
  ),
  wiringRule(
    {
      id: 'applications-are-in-order',
      why: 'An Application that is synced before what it needs waits for it, or is given up.',
      remedy: 'give the Application a later wave than that of what it needs',
    },
    function* (scope, { trees }) {
      const applications = scope.ofKind('Application');
      const readerOf = (directory: string) =>
        applications.find(({ object }) => object.spec?.source?.path === `dist/${directory}`);
      for (const { directory, alongside = [] } of trees) {
        const at = readerOf(directory);
        for (const other of alongside) {
          const needs = readerOf(other);
          if (!at || !needs || waveOf(needs) < waveOf(at)) continue;
          const message = `it is of wave ${waveOf(at)} and needs ${needs.label} of wave ${waveOf(needs)} first`;
          yield { at, field: `metadata.annotations["${WAVE}"]`, message };
        }
      }
      for (const at of applications) {
        const project = scope.find('AppProject', at.namespace, at.object.spec?.project);
        if (!project || waveOf(project) < waveOf(at)) continue;
        const message = `it is of wave ${waveOf(at)}, and its ${project.label} of wave ${waveOf(project)}`;
        yield { at, field: `metadata.annotations["${WAVE}"]`, message };
      }
    },
  ),
];

const isTunnel = (image: unknown) => parseImage(String(image))?.repository === 'cloudflare/cloudflared';

/** Which object cannot do without which other. */
function* dependencies(scope: Scope): Iterable<{ at: PlacedObject; needs: PlacedObject }> {
  for (const at of scope.objects) {
    const namespace = at.namespace && scope.find('Namespace', '', at.namespace);
    if (namespace) yield { at, needs: namespace };
  }
  const workloads = new Map<string, PlacedObject>();
  for (const service of scope.ofKind('Service')) {
    const [pod] = scope.podsMatching(service.namespace, service.object.spec?.selector ?? {});
    if (pod) workloads.set(`${service.namespace}/${service.object.metadata.name}`, pod.at);
  }
  for (const pod of scope.pods) {
    const { at } = pod;
    for (const file of filesOf(scope, pod)) yield { at, needs: file.at };
    const priority = scope.find('PriorityClass', '', pod.spec.priorityClassName ?? '');
    if (priority) yield { at, needs: priority };
    for (const claim of claimsOf(scope, pod)) {
      if (claim.at !== at) yield { at, needs: claim.at };
      for (const volume of volumesFor(scope, claim)) yield { at, needs: volume };
      const storage = scope.find('StorageClass', '', claim.spec.storageClassName ?? '');
      if (storage) yield { at, needs: storage };
    }
    for (const { pods, namespace = pod.namespace } of egressOf(scope, pod.namespace, pod.labels)) {
      if (!pods) continue;
      for (const called of scope.podsMatching(namespace, pods)) if (called.at !== at) yield { at, needs: called.at };
    }
  }
  for (const policy of scope.ofKind('NetworkPolicy')) {
    for (const pod of scope.podsMatching(policy.namespace, policy.object.spec?.podSelector?.matchLabels ?? {})) {
      yield { at: pod.at, needs: policy };
    }
  }
  for (const { at, service } of publicRoutes(scope)) {
    const behind = workloads.get(`${at.namespace}/${service}`);
    if (behind) yield { at, needs: behind };
  }
}

/** The sync wave of an object; without one it is of wave 0. */
export function waveOf({ object }: PlacedObject): number {
  const wave = Number(object.metadata.annotations?.[WAVE] ?? 0);
  return Number.isFinite(wave) ? wave : 0;
}

/** Whether Argo CD applies an object as a hook of a sync and not as a part of what is synced. */
export function isHook({ object }: PlacedObject): boolean {
  return object.metadata.annotations?.['argocd.argoproj.io/hook'] !== undefined;
}
