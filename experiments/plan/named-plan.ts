import { OWN_EXPERIMENTS } from './beyond-cpu';
import { EXPERIMENTS, REPETITIONS } from './experiment';
import type { LoadScale, ProfileName, TestType } from './profile';
import { expandTrials, type Trial } from './trial';

/** A few rows of the plan at a smaller load, for a system that cannot carry all of it. */
export interface NamedPlan {
  readonly title: string;
  /** What of the plan it takes, table by table. */
  readonly parts: readonly PlanPart[];
  readonly repetitions: number;
  /** Of the loads alone: controller times and windows of the variants are never scaled. */
  readonly scale: LoadScale;
  /** What it cannot answer, in one sentence. */
  readonly leavesOut: string;
  /** Whether its variants look at signals beyond CPU, which have to be switched on first (`facts/settings.ts`). */
  readonly needsSignals?: true;
}

interface PlanPart {
  readonly experiment: string;
  readonly testType: TestType;
  readonly variants: readonly string[];
  readonly profiles: readonly ProfileName[];
}

const TWO_SIGNALS =
  'Two rows of the table of signals, at the spike alone: all of it would keep this machine busy for hours.';

/**
 * Rates fit two cores that carry the cluster, its control plane and the generator together: the peak of a spike then asks a third of
 * a core of django-api, and a solve is one at a time. Durations leave the autoscaler several decisions (one every 15 s).
 */
export const NAMED_PLANS = {
  ci: {
    title: 'the smallest campaign in which an autoscaler grows and shrinks',
    parts: [
      part('minimum-replicas', 'uor', ['uor-minimum-1'], ['spike']),
      part('replica-count', 'uor', ['uor-replicas-2'], ['spike']),
    ],
    repetitions: 1,
    scale: { rate: 0.15, duration: 0.35 },
    leavesOut: 'One trial each: it shows that everything works, and compares nothing.',
  },
  demo: {
    title: 'every factor that an hour can show, on a machine of two cores',
    parts: [
      part('replica-count', 'uor', ['uor-replicas-1', 'uor-replicas-2'], ['stress']),
      part('replica-count', 'fs', ['fs-replicas-1-1'], ['average']),
      part('minimum-replicas', 'uor', ['uor-minimum-1', 'uor-minimum-2'], ['spike']),
      part('resources', 'uor', ['uor-cpu-500m-target-50', 'uor-cpu-1000m-target-50'], ['spike']),
      part('scale-up-limit', 'uor', ['uor-scale-up-1-per-60s', 'uor-scale-up-unlimited'], ['spike']),
      part('minimum-replicas', 'fs', ['fs-minimum-1'], ['breakpoint']),
    ],
    repetitions: REPETITIONS,
    scale: { rate: 0.15, duration: 0.2 },
    leavesOut:
      'Left out: the other values of every factor (four and eight pods, 2000m, targets of 25, 75 and 90 %), the stabilisation window, since a ' +
      'spike of 48 s is over before any window ends, the average and breakpoint of retrieval, waves, factors of solving but its minimum ' +
      'replicas, and the benchmark, since Docker Compose has no part in it.',
  },
  'signals-uor': {
    title: 'CPU against requests in flight for retrieval',
    parts: [part('signal', 'uor', ['uor-signal-cpu-50', 'uor-signal-in-flight-half'], ['spike'])],
    repetitions: REPETITIONS,
    scale: { rate: 0.3, duration: 0.3 },
    leavesOut: TWO_SIGNALS,
    needsSignals: true,
  },
  'signals-fs': {
    title: 'CPU against requests in flight for solving',
    parts: [part('signal', 'fs', ['fs-signal-cpu-50', 'fs-signal-in-flight-half'], ['spike'])],
    repetitions: REPETITIONS,
    scale: { rate: 0.75, duration: 0.3 },
    leavesOut: TWO_SIGNALS,
    needsSignals: true,
  },
} as const satisfies Readonly<Record<string, NamedPlan>>;

export type NamedPlanName = keyof typeof NAMED_PLANS;

function part(
  experiment: string,
  testType: TestType,
  variants: readonly string[],
  profiles: readonly ProfileName[],
): PlanPart {
  return { experiment, testType, variants, profiles };
}

/** The trials of a named plan, in the order in which the whole plan would run them: blocks, each in a random order of its own. */
export function trialsOfNamedPlan({ parts, repetitions, needsSignals }: NamedPlan, seed: number): Trial[] {
  return expandTrials(needsSignals ? OWN_EXPERIMENTS : EXPERIMENTS, seed, { repetitions }).filter(
    ({ experiment, testType, variant, profile }) =>
      parts.some(
        (one) =>
          one.experiment === experiment &&
          one.testType === testType &&
          one.variants.includes(variant.name) &&
          one.profiles.includes(profile),
      ),
  );
}
