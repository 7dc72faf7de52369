import { isPlaced } from '../objects/kinds';
import type { PlacedObject } from '../objects/placed-object';
import { directoryOf } from '../objects/scope';
import type { Finding } from '../finding';
import { isHook, waveOf } from '../wiring/order';

/** Of an Application and of the folder that it syncs, which no other rule sees together. */
export const waitedJobsRule = {
  id: 'jobs-are-waited-for',
  why: 'Argo CD waits for what it applies: with ApplyOutOfSyncOnly the next try, ten seconds later, passes over a Job that failed and rolls out what was to wait for it.',
  remedy: 'give the Application waitsForEveryWave, so that each sync applies all of its folder',
};

/** Applications that pass over a failed Job of an earlier wave. */
export function passedOverJobs(placed: readonly PlacedObject[]): Finding[] {
  return placed.flatMap((at) => {
    if (!isPlaced(at, 'Application')) return [];
    const { source, syncPolicy } = at.object.spec ?? {};
    if (!syncPolicy?.syncOptions?.includes('ApplyOutOfSyncOnly=true')) return [];
    const folder = placed.filter((each) => source?.path === `dist/${directoryOf(each)}`);
    const last = Math.max(...folder.map(waveOf));
    const job = folder.find((each) => each.object.kind === 'Job' && !isHook(each) && waveOf(each) < last);
    if (!job) return [];
    const message = `${job.label} of ${source?.path} is to be waited for, and ApplyOutOfSyncOnly=true passes over it`;
    return {
      rule: waitedJobsRule.id,
      component: at.file.component,
      file: at.file.path,
      object: at.label,
      field: 'spec.syncPolicy.syncOptions',
      message,
      remedy: waitedJobsRule.remedy,
    };
  });
}
