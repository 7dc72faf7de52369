import { isKind, isPlaced } from '../objects/kinds';
import type { PodTemplate } from '../objects/pod-template';
import { objectRule, podRule, type Rule } from '../rule';

/** The controller of CronJobs looks every 10 s, and starts nothing whose deadline has passed by then; a restart of the server takes minutes. */
const LEAST_STARTING_SECONDS = 600;
/** A job must not run into the next night's. */
const MOST_RUNNING_SECONDS = 12 * 3600;
/** A dump, a restore or a migration of some GB on an SD card takes minutes. */
const LEAST_RUNNING_SECONDS = 600;
/** What comes again within the hour is small, and its image is on the node; a pod alone takes some seconds to start. */
const LEAST_OF_HOURLY_SECONDS = 30;
const HOURLY = /^\S+ \* \* \* \*$/;
/** Each try is a new pod after a longer pause; what failed ten times fails again. */
const MOST_RETRIES = 10;

/** Names of what overwrites or removes data. */
const OVERWRITES = /(^|[-_./\s])(restore|rollback|reset|purge|wipe|drop|truncate)([-_./\s]|$)/i;

/** Rules of work that ends: Jobs and CronJobs. */
export const taskRules: readonly Rule[] = [
  podRule(
    {
      id: 'tasks-end',
      why: 'A job that hangs keeps its place for ever, and the next run of its schedule never comes.',
      remedy:
        'set activeDeadlineSeconds to some times what the work takes, backoffLimit to a few tries, and leave parallelism at 1',
    },
    function* (pod) {
      if (!pod.isTask) return;
      const { field, spec } = jobOf(pod);
      const isHourly = isPlaced(pod.at, 'CronJob') && HOURLY.test(pod.at.object.spec?.schedule ?? '');
      const least = isHourly ? LEAST_OF_HOURLY_SECONDS : LEAST_RUNNING_SECONDS;
      const { activeDeadlineSeconds: deadline, backoffLimit = 6, parallelism = 1, completions = 1 } = spec;
      if (deadline === undefined) {
        yield { at: pod.at, field: `${field}.activeDeadlineSeconds`, message: 'nothing ends a job that hangs' };
      } else if (deadline < least || deadline > MOST_RUNNING_SECONDS) {
        const message = `a job is ended after ${deadline} s, and ${least} to ${MOST_RUNNING_SECONDS} s are of use`;
        yield { at: pod.at, field: `${field}.activeDeadlineSeconds`, message };
      }
      if (backoffLimit > MOST_RETRIES) {
        const message = `a job that fails is tried ${backoffLimit} times, and the failure is known after ${MOST_RETRIES}`;
        yield { at: pod.at, field: `${field}.backoffLimit`, message };
      }
      const isByHand = isPlaced(pod.at, 'CronJob') && pod.at.object.spec?.suspend === true;
      if (isByHand && backoffLimit > 0) {
        const message = `what a person starts and watches is tried ${backoffLimit} times more by itself`;
        yield { at: pod.at, field: `${field}.backoffLimit`, message, remedy: 'set backoffLimit to 0' };
      }
      if (!isByHand && !isHourly && backoffLimit === 0) {
        const message = 'a job whose node is drained, or whose database restarts meanwhile, has failed for good';
        yield { at: pod.at, field: `${field}.backoffLimit`, message, remedy: 'set backoffLimit to 2 or 3' };
      }
      const words = pod.containers.flatMap(({ spec: { command, args } }) => [...(command ?? []), ...(args ?? [])]);
      const endless = /\bsleep (inf|infinity)\b|\btail -f\b/.exec(words.join(' '))?.[0];
      if (endless) yield { at: pod.at, field: `${field}.template.spec.containers`, message: `"${endless}" never ends` };
      for (const [name, count] of Object.entries({ parallelism, completions })) {
        if (count === 1) continue;
        yield { at: pod.at, field: `${field}.${name}`, message: `the work is done ${count} times for one job` };
      }
    },
  ),
  objectRule(
    {
      id: 'jobs-stay-when-done',
      why: 'Argo CD makes a Job anew that removed itself, and its work is done again at the next sync.',
      remedy: 'leave ttlSecondsAfterFinished out of a Job, and give a CronJob a history of failed runs',
    },
    function* (at) {
      if (isPlaced(at, 'Job') && at.object.spec?.ttlSecondsAfterFinished !== undefined) {
        const message = `the Job removes itself ${at.object.spec.ttlSecondsAfterFinished} s after its end`;
        yield { at, field: 'spec.ttlSecondsAfterFinished', message };
      }
      if (!isPlaced(at, 'CronJob')) return;
      const { jobTemplate, failedJobsHistoryLimit } = at.object.spec ?? {};
      const { ttlSecondsAfterFinished: ttl = Infinity } = jobTemplate?.spec ?? {};
      if (ttl < 3600) {
        const message = `a run and its log are removed ${ttl} s after its end`;
        yield { at, field: 'spec.jobTemplate.spec.ttlSecondsAfterFinished', message };
      }
      if (failedJobsHistoryLimit === 0) {
        yield {
          at,
          field: 'spec.failedJobsHistoryLimit',
          message: 'of a run that failed nothing is kept, not its log either',
        };
      }
    },
  ),
  objectRule(
    {
      id: 'jobs-are-named-for-their-template',
      why: 'A Job cannot be changed: a new template under the old name is refused at the next sync.',
      remedy: 'make it by VersionedJob, whose name ends with a digest of the template',
    },
    function* (at) {
      if (!isPlaced(at, 'Job') || /-[0-9a-f]{8,}$/.test(at.object.metadata.name)) return;
      yield { at, field: 'metadata.name', message: 'the name stays when the template changes' };
    },
  ),
  objectRule(
    {
      id: 'schedules-are-kept',
      why: 'A run that overlaps the last one works on the same data; one that may not start late is left out when the server restarts.',
      remedy: `set concurrencyPolicy to Forbid and startingDeadlineSeconds to ${LEAST_STARTING_SECONDS} or more`,
    },
    function* (at) {
      if (!isPlaced(at, 'CronJob')) return;
      const { concurrencyPolicy = 'Allow', startingDeadlineSeconds: late, suspend, timeZone } = at.object.spec ?? {};
      if (concurrencyPolicy === 'Allow') {
        yield { at, field: 'spec.concurrencyPolicy', message: 'a run may start while the last one works' };
      } else if (concurrencyPolicy === 'Replace') {
        yield { at, field: 'spec.concurrencyPolicy', message: 'a run that takes long is killed by the next one' };
      }
      if (late === undefined) {
        const message = 'after 100 missed runs no further one is started';
        yield { at, field: 'spec.startingDeadlineSeconds', message };
      } else if (late < LEAST_STARTING_SECONDS) {
        const message = `a run that is ${late} s late is left out`;
        yield { at, field: 'spec.startingDeadlineSeconds', message };
      }
      if (timeZone === undefined) {
        const message = 'the schedule is in the zone of whatever machine runs the controller';
        yield { at, field: 'spec.timeZone', message, remedy: 'state the zone, as in Pacific/Auckland' };
      }
      if (suspend === true && /(^|-)backup(-|$)/.test(at.object.metadata.name)) {
        yield { at, field: 'spec.suspend', message: 'no backup is ever made', remedy: 'leave suspend out' };
      }
    },
  ),
  podRule(
    {
      id: 'overwriting-is-started-by-hand',
      why: 'What puts an old state back, or removes data, must never begin by the clock.',
      remedy: 'suspend the CronJob, so that a person makes a Job of it with kubectl',
    },
    function* (pod) {
      if (!isPlaced(pod.at, 'CronJob') || pod.at.object.spec?.suspend === true) return;
      const { metadata } = pod.at.object;
      const commands = pod.containers.flatMap(({ spec: container }) => [
        ...(container.command ?? []),
        ...(container.args ?? []),
      ]);
      if (!OVERWRITES.test(metadata.name) && !commands.some((part) => OVERWRITES.test(String(part)))) return;
      yield { at: pod.at, field: 'spec.suspend', message: `${metadata.name} overwrites data and starts by the clock` };
    },
  ),
];

function jobOf({ at: { object } }: PodTemplate): { field: string; spec: JobSpec } {
  if (isKind(object, 'CronJob')) return { field: 'spec.jobTemplate.spec', spec: object.spec?.jobTemplate?.spec ?? {} };
  return { field: 'spec', spec: isKind(object, 'Job') ? (object.spec ?? {}) : {} };
}

interface JobSpec {
  readonly activeDeadlineSeconds?: number;
  readonly backoffLimit?: number;
  readonly parallelism?: number;
  readonly completions?: number;
}
