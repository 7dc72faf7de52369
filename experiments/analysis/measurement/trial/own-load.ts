import { ArrivalSchedule, scaledStages } from '../../../plan';
import type { RecordedTrial } from '../campaign-input';
import { counted } from '../../../../lib/primitives/counted';

/** Requests of a trial by when they were due, and what contradicts itself among them. */
export interface LoadSigns {
  readonly due: number;
  readonly last_due: number;
  /** Requests that started long after they were due. */
  readonly late: number;
  /** Requests that call themselves successful with a status that says otherwise. */
  readonly refused: number;
  /** Requests that took longer than the generator waits. */
  readonly endless: number;
  /** Requests with a status that no answer has. */
  readonly no_status: number;
  /** When the last request started; null where every start was dropped. */
  readonly last_started: number | null;
}

/** Requests by the schedule of their load, where that is evenly spaced. */
export interface ScheduleSigns {
  /** Due when the schedule has no request. */
  readonly unscheduled: number;
  /** Due when another is. */
  readonly repeated: number;
}

/** Seconds after which a start is late: a generator that pauses for less is told by its gate. */
export const LATE_START_S = 5;

/** Share of a load's requests that may be missing, too many or late: what the gate on the achieved rate leaves. */
const TOLERANCE = 0.01;

/** Standard deviations of a random number of arrivals that are chance. */
const DEVIATIONS = 5;

/** Seconds by which the length of a load may differ from the plan's: what rounding leaves. */
const LENGTH_TOLERANCE_S = 0.05;

/** Seconds by which the last request may be due after the schedule's end. */
const ROUNDING_S = 1;

/** The schedule of a trial's load, as the campaign's own plan has it; undefined where the plan does not know the load. */
export function scheduleOf({ record, plan }: Pick<RecordedTrial, 'record' | 'plan'>): ArrivalSchedule | undefined {
  const load = plan.loads.find(({ name, testType }) => name === record.profile && testType === record.testType);
  return load === undefined ? undefined : new ArrivalSchedule(scaledStages(load.stages, record.scale));
}

/**
 * Why samples cannot be those of their trial's load, as the campaign's own plan has it; undefined where they can, or where the
 * plan does not know the load.
 */
export function whyNotItsLoad(
  signs: LoadSigns & ScheduleSigns,
  trial: Pick<RecordedTrial, 'record' | 'plan' | 'atRandom'>,
): string | undefined {
  const { record, plan } = trial;
  const { due, last_due: last, late, refused, endless, no_status: without, last_started: lastStarted } = signs;
  if (refused > 0)
    return `${counted(refused, 'request has', 'requests have')} no error, but a status other than 200 to 299`;
  if (endless > 0)
    return `${counted(endless, 'request')} took longer than the ${plan.generator.timeoutSeconds} s after which the generator gives up`;
  if (without > 0) return `${counted(without, 'request has', 'requests have')} a status that is none of HTTP`;
  if (last > record.scheduledSeconds + ROUNDING_S)
    return `requests were due up to ${last.toFixed(0)} s, but the load ended at ${record.scheduledSeconds} s`;
  if (late > TOLERANCE * due)
    return `${late} of ${counted(due, 'request')} started more than ${LATE_START_S} s after they were due`;
  if ((lastStarted ?? 0) > record.scheduledSeconds + LATE_START_S)
    return `requests started up to ${lastStarted!.toFixed(0)} s, but the load ended at ${record.scheduledSeconds} s`;
  const schedule = scheduleOf(trial);
  return schedule === undefined ? undefined : whyNotOfSchedule(signs, schedule, trial);
}

function whyNotOfSchedule(
  { due, last_due: last, unscheduled, repeated }: LoadSigns & ScheduleSigns,
  schedule: ArrivalSchedule,
  { record, atRandom }: Pick<RecordedTrial, 'record' | 'atRandom'>,
): string | undefined {
  if (Math.abs(record.scheduledSeconds - schedule.seconds) > LENGTH_TOLERANCE_S)
    return `its trial.json has a load of ${record.scheduledSeconds} s, and the campaign's plan one of ${schedule.seconds} s`;
  const expected = schedule.integralTo(record.aborted ? last : Infinity);
  // At its end an aborted load is cut within a gap between two requests.
  const slack = 2 + Math.max(TOLERANCE * expected, atRandom ? DEVIATIONS * Math.sqrt(expected) : 0);
  if (Math.abs(due - expected) > slack)
    return `there ${due === 1 ? 'is' : 'are'} ${counted(due, 'request')}, but its load has ${Math.round(expected)}${record.aborted ? ` up to ${last.toFixed(0)} s` : ''}`;
  if (unscheduled > 0) return `${counted(unscheduled, 'request was', 'requests were')} due when its schedule has none`;
  return repeated > 0 ? `${counted(repeated, 'request was', 'requests were')} due at the moment of another` : undefined;
}
