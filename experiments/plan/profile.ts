/** One endpoint under load: unit operation retrieval, or flowsheet solving. */
export type TestType = 'uor' | 'fs';

/** Shapes of load of the specification. */
export type ProfileName = 'average' | 'stress' | 'spike' | 'breakpoint' | 'waves';

/** The rate of arrivals changes linearly from the previous stage's target to this one's. */
export interface Stage {
  /** Requests per second at the end of the stage. */
  readonly target: number;
  /** Length, seconds. */
  readonly seconds: number;
}

/** How requests come: evenly spaced along the rate, as k6 sends them, or at random, as users who know nothing of one another. */
export const ARRIVAL_PROCESSES = ['even', 'poisson'] as const;
export type ArrivalProcess = (typeof ARRIVAL_PROCESSES)[number];

/** Arrivals at random; the seed decides which. */
export interface PoissonArrivals {
  readonly process: 'poisson';
  readonly seed: number;
}

/** A load profile for one test type, as stages that start from zero requests per second. */
export interface LoadProfile {
  readonly name: ProfileName;
  readonly testType: TestType;
  readonly stages: readonly Stage[];
  /** The load ends early once more virtual users than this are active; absent where the profile always runs in full. */
  readonly abortAboveVirtualUsers?: number;
  /** Absent where requests come evenly spaced, as the specification's generator sends them. */
  readonly arrivals?: PoissonArrivals;
}

/** A right answer: JSON that is a list with entries (bare, or paged under `results`), or an object that tells of no error. */
export type AnswerForm = 'list' | 'object';

/** What one test type asks of the system. */
export interface LoadedEndpoint {
  readonly testType: TestType;
  readonly title: string;
  readonly method: 'GET' | 'POST';
  /** Path; `{id}` stands for the flowsheet's id. */
  readonly path: string;
  /** Time one request takes on an idle system, milliseconds: lowest and highest. */
  readonly idleMs: readonly [number, number];
  readonly answer: AnswerForm;
}

export const ENDPOINTS: Readonly<Record<TestType, LoadedEndpoint>> = {
  uor: {
    testType: 'uor',
    title: 'unit operation retrieval',
    method: 'GET',
    path: '/api/unitops/unitops/?flowsheetOwner={id}',
    idleMs: [20, 40],
    answer: 'list',
  },
  fs: {
    testType: 'fs',
    title: 'flowsheet solving',
    method: 'POST',
    path: '/api/solve/idaes/',
    idleMs: [500, 1000],
    answer: 'object',
  },
};

/** The profiles of the specification. */
export const SPECIFIED_PROFILES: readonly ProfileName[] = ['average', 'stress', 'spike', 'breakpoint'];

/** Every profile: those of the specification, and ours. */
export const PROFILE_NAMES: readonly ProfileName[] = [...SPECIFIED_PROFILES, 'waves'];

/** Peak arrival rate of each profile, requests per second. */
export const PEAK_RATES: Readonly<Record<ProfileName, Readonly<Record<TestType, number>>>> = {
  average: { uor: 15, fs: 1 },
  stress: { uor: 30, fs: 2 },
  spike: { uor: 80, fs: 8 },
  breakpoint: { uor: 200, fs: 32 },
  // Ours: about half of the spike's, since a wave rises faster: more would overwhelm whatever has scaled down.
  waves: { uor: 50, fs: 4 },
};

/**
 * Before every load, in every variant alike: so many requests of its own kind, evenly spread over so many seconds, whose
 * answers teach what an answer must be.
 * - 8 requests: one for each pod of the largest static count, in which Django loads and connects to the database.
 * - 60 s: four decisions of the autoscaler, so its metrics hold nothing of set-up; and so slow that a solve of one
 *   core-second every 7.5 s stays within the tolerance of the lowest threshold (25 % of 500m).
 */
export const WARM_UP = { requests: 8, seconds: 60 } as const;

/** The breakpoint profile stops once more than this many virtual users are active. */
export const BREAKPOINT_VIRTUAL_USERS = 100;

/** A request is given up after this long, seconds: k6's own default, and so the longest that a response can take. */
export const REQUEST_TIMEOUT_SECONDS = 60;
/** Requests in flight at the end of the schedule may take this much longer, seconds. */
export const GRACEFUL_STOP_SECONDS = 30;

/** Delay that every trial adds between generator and system, milliseconds. */
export const NETWORK_DELAY_MS = 5;

/** How a trial's load is shrunk for a try-out: both factors are 1 in a campaign whose results count. */
export interface LoadScale {
  /** Multiplies every rate. */
  readonly rate: number;
  /** Multiplies every duration. */
  readonly duration: number;
}

export const FULL_SCALE: LoadScale = { rate: 1, duration: 1 };

/**
 * The stages of one profile. Waves are ours: four rises with dips of growing length, which only some scale-down windows
 * outlast.
 *
 * @throws {RangeError} when a scale factor is not a positive finite number.
 */
export function loadProfile(name: ProfileName, testType: TestType, scale: LoadScale = FULL_SCALE): LoadProfile {
  for (const [field, factor] of Object.entries(scale)) {
    if (!(Number.isFinite(factor) && factor > 0))
      throw new RangeError(`The scale of the ${field} is ${factor}: give a number above 0.`);
  }
  const stages = scaledStages(stagesOf(name, PEAK_RATES[name][testType]), scale);
  return name === 'breakpoint'
    ? { name, testType, stages, abortAboveVirtualUsers: BREAKPOINT_VIRTUAL_USERS }
    : { name, testType, stages };
}

/** Stages as a trial of that scale is sent them. */
export function scaledStages(stages: readonly Stage[], scale: LoadScale): Stage[] {
  return stages.map(({ target, seconds }) => ({ target: target * scale.rate, seconds: seconds * scale.duration }));
}

/** Seconds at the bottom after each wave: around each window of the table but the longest, which outlasts them all. */
const WAVE_DIPS = [20, 45, 90, 180];
/** Rate at the bottom, as a share of the peak: an idle cluster would hide that pods are missing when the load returns. */
const WAVE_TROUGH = 0.1;

function stagesOf(name: ProfileName, peak: number): Stage[] {
  switch (name) {
    case 'average':
    case 'stress':
      return [
        { target: peak, seconds: 30 },
        { target: peak, seconds: 540 },
        { target: 0, seconds: 30 },
      ];
    case 'spike':
      return [
        { target: peak, seconds: 120 },
        { target: 0, seconds: 120 },
      ];
    case 'breakpoint':
      return [{ target: peak, seconds: 600 }];
    case 'waves':
      return WAVE_DIPS.flatMap((dip) => [
        { target: peak, seconds: 45 },
        { target: peak, seconds: 45 },
        { target: WAVE_TROUGH * peak, seconds: 15 },
        { target: WAVE_TROUGH * peak, seconds: dip },
      ]);
  }
}

/** When a load first reaches its highest rate, seconds from its start. */
export function secondsToPeak(stages: readonly Stage[]): number {
  const highest = Math.max(...stages.map(({ target }) => target));
  const first = stages.findIndex(({ target }) => target === highest);
  return scheduledSeconds({ stages: stages.slice(0, first + 1) });
}

/** Length of the load phase, seconds. */
export function scheduledSeconds(profile: Pick<LoadProfile, 'stages'>): number {
  return profile.stages.reduce((sum, stage) => sum + stage.seconds, 0);
}
