import { ArrivalSchedule, expandTrials, loadProfile, type Trial } from '../../../experiments/plan';
import { ERRORS, type SimulatedTrial } from './queueing-campaign';
import { seeded } from './random-truth';

/** A system of known capacity: as many servers, first come first served, each request as long as the next but for the scatter. */
export interface PlantedSystem {
  /** Requests per second that all servers together can serve. */
  readonly capacity: number;
  readonly servers: number;
  /** Service times lie within this share of their mean. */
  readonly scatter?: number;
  readonly seed?: number;
  /** Starts are dropped while this many are in flight. */
  readonly mostInFlight?: number;
  /** The system refuses at once, with status 503, what comes while it has so many requests. */
  readonly mostAccepted?: number;
  readonly replicas?: SimulatedTrial['replicas'];
}

const REFUSAL_SECONDS = 0.004;

/** A trial of the plan by its id. */
export function planned(id: string): Trial {
  const trial = expandTrials().find((one) => one.id === id);
  if (trial === undefined) throw new Error(`The plan has no trial ${id}.`);
  return trial;
}

/** Plays the plan's load of a trial against a planted system; a breakpoint stops, mid-second, above 100 in flight. */
export function plantedTrial(trial: Trial, system: PlantedSystem): SimulatedTrial {
  const { capacity, servers, scatter = 0.2, seed = 1, mostInFlight = 150, mostAccepted = Infinity } = system;
  const random = seeded(seed * 7919 + 11);
  const profile = loadProfile(trial.profile, trial.testType);
  const scheduled = ArrivalSchedule.of(profile).arrivals();
  const started = Float64Array.from(scheduled);
  const ends = new Float64Array(scheduled.length);
  const errors = new Uint8Array(scheduled.length);
  const free = new Float64Array(servers);
  let inFlight: number[] = [];
  let count = 0;
  let aborted = false;
  for (; count < scheduled.length && !aborted; count++) {
    const now = scheduled[count];
    inFlight = inFlight.filter((index) => ends[index] > now);
    if (inFlight.length >= mostInFlight) {
      started[count] = NaN;
      errors[count] = ERRORS.indexOf('dropped');
      continue;
    }
    if (inFlight.length >= mostAccepted) {
      errors[count] = ERRORS.indexOf('status');
      ends[count] = now + REFUSAL_SECONDS;
      continue;
    }
    let server = 0;
    for (let other = 1; other < servers; other++) if (free[other] < free[server]) server = other;
    free[server] = Math.max(now, free[server]) + (servers / capacity) * (1 - scatter + 2 * scatter * random());
    ends[count] = free[server];
    inFlight.push(count);
    aborted = profile.abortAboveVirtualUsers !== undefined && inFlight.length > profile.abortAboveVirtualUsers;
    if (aborted)
      for (const index of inFlight) {
        errors[index] = ERRORS.indexOf('interrupted');
        ends[index] = now;
      }
  }
  return {
    scheduled,
    started,
    waitingMs: Float32Array.from(ends, (end, index) => (errors[index] === 1 ? 0 : (end - scheduled[index]) * 1000)),
    connectingMs: new Float32Array(scheduled.length),
    status: Int16Array.from(errors, (error) => (error === 0 ? 200 : ERRORS[error] === 'status' ? 503 : 0)),
    errors,
    count,
    aborted,
    replicas: system.replicas ?? [[0, 1, 1]],
    cores: [],
  };
}
