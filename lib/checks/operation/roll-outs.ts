import { isPlaced } from '../objects/kinds';
import type { PlacedObject } from '../objects/placed-object';
import { claimsIn, volumesFor } from '../objects/volumes';
import { objectRule, scopeRule, type Rule } from '../rule';
import { replicasOf } from '../policy/workloads';

/** Seconds that an image of some 100 MB may take to come to a node. */
const LEAST_DEADLINE = 120;
/** Longest that a pod which is ready does not count yet. */
const LONGEST_UNREADY_SECONDS = 300;

/** Rules of how a new version takes the place of the old one. */
export const rollOutRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'roll-outs-keep-serving',
      why: 'A roll-out that stops the old pods first answers nobody until the new ones are ready, which may be never.',
      remedy: 'use RollingUpdate with a surge, or with fewer pods missing than there are; leave paused out',
    },
    function* (scope) {
      for (const at of scope.ofKind('Deployment')) {
        const { strategy = {}, paused, minReadySeconds = 0, progressDeadlineSeconds = 600 } = at.object.spec ?? {};
        if (at.object.spec?.replicas === 0) yield { at, field: 'spec.replicas', message: 'no pod of it runs' };
        if (at.object.spec?.revisionHistoryLimit === 0)
          yield { at, field: 'spec.revisionHistoryLimit', message: 'no version is kept to go back to' };
        if (progressDeadlineSeconds < LEAST_DEADLINE) {
          const message = `the roll-out counts as failed after ${progressDeadlineSeconds} s, in which no image is pulled`;
          yield { at, field: 'spec.progressDeadlineSeconds', message };
        }
        if (paused) yield { at, field: 'spec.paused', message: 'no new version is ever rolled out' };
        if (minReadySeconds >= progressDeadlineSeconds) {
          const message = `a pod counts after ${minReadySeconds} s, and the roll-out is given up after ${progressDeadlineSeconds} s`;
          yield { at, field: 'spec.minReadySeconds', message };
        }
        if (strategy.type === 'Recreate') {
          yield { at, field: 'spec.strategy.type', message: 'every old pod is stopped before a new one starts' };
          continue;
        }
        const { min } = replicasOf(scope, at);
        const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {};
        const [missing, more] = [countOf(maxUnavailable, min, Math.floor), countOf(maxSurge, min, Math.ceil)];
        if (missing === 0 && more === 0) {
          const message = 'neither may a pod be missing nor one more be there, which the API server refuses';
          yield { at, field: 'spec.strategy.rollingUpdate.maxSurge', message };
        }
        if (min > 0 && missing >= min) {
          const message = `${missing} of ${min} pods may be missing`;
          yield { at, field: 'spec.strategy.rollingUpdate.maxUnavailable', message };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'stateful-sets-follow-git',
      why: 'A StatefulSet that waits for a hand keeps the old version, and says nothing of it.',
      remedy: 'leave updateStrategy at RollingUpdate without a partition',
    },
    function* (at) {
      if (!isPlaced(at, 'StatefulSet')) return;
      const { type = 'RollingUpdate', rollingUpdate } = at.object.spec?.updateStrategy ?? {};
      if (at.object.spec?.replicas === 0) yield { at, field: 'spec.replicas', message: 'no pod of it runs' };
      const { minReadySeconds = 0 } = at.object.spec ?? {};
      if (minReadySeconds > LONGEST_UNREADY_SECONDS) {
        const message = `each pod counts ${minReadySeconds} s after it is ready, and every sync waits as long`;
        yield { at, field: 'spec.minReadySeconds', message };
      }
      if (type !== 'RollingUpdate') yield onHold(at, 'type', `${type} changes no pod before somebody deletes it`);
      const { partition = 0 } = rollingUpdate ?? {};
      if (partition > 0)
        yield onHold(at, 'rollingUpdate.partition', `pods below number ${partition} keep the old version`);
    },
  ),
  scopeRule(
    {
      id: 'stateful-pods-have-their-volumes',
      why: 'Each pod of a StatefulSet has a claim of its own: one that no volume is left for stays pending for ever.',
      remedy: 'lower replicas to the number of volumes, or add a PersistentVolume for each pod',
    },
    function* (scope) {
      for (const claim of claimsIn(scope)) {
        if (!isPlaced(claim.at, 'StatefulSet')) continue;
        const replicas = claim.at.object.spec?.replicas ?? 1;
        const volumes = volumesFor(scope, claim).length;
        if (volumes === 0 || replicas <= volumes) continue;
        const message = `${replicas} pods want a volume each, and there is ${volumes}`;
        yield { at: claim.at, field: 'spec.replicas', message };
      }
    },
  ),
];

const onHold = (at: PlacedObject, field: string, message: string) => ({
  at,
  field: `spec.updateStrategy.${field}`,
  message,
});

/** Pods that a number or a percentage of so many means. */
function countOf(amount: number | string, pods: number, round: (value: number) => number): number {
  if (typeof amount === 'number') return amount;
  const percent = Number(/^(\d+)%$/.exec(amount)?.[1]);
  return Number.isFinite(percent) ? round((pods * percent) / 100) : 0;
}
