import { SPECIFIED_PROFILES, type ProfileName, type TestType } from './profile';
import {
  BASELINE,
  type Autoscaling,
  type ScalingPolicy,
  type VariedField,
  type Variant,
  type WorkloadName,
  type WorkloadSettings,
} from './variant';

/** One table of the specification: an independent variable, its values, and the loads it is tried under. */
export interface Experiment {
  /** Such as `replica-count`; with the test type it names one table. */
  readonly name: string;
  readonly testType: TestType;
  /** The question in one sentence. */
  readonly question: string;
  /** Why these values, where the specification leaves them open. */
  readonly reason?: string;
  readonly profiles: readonly ProfileName[];
  /** Profiles among them that are ours and in no table of the specification, with the reason. */
  readonly added?: { readonly profiles: readonly ProfileName[]; readonly reason: string };
  /** Why there is an experiment that no table of the specification has; absent in those of the specification. */
  readonly own?: string;
  /** What of the cluster its variants need: `signals` (facts/settings.ts) or `tolerance` (a gate that Ansible sets). */
  readonly needs?: 'signals' | 'tolerance';
  readonly variants: readonly Variant[];
}

/** Every trial is repeated this often and the results averaged. */
export const REPETITIONS = 3;

const SCALING_PROFILES: readonly ProfileName[] = ['spike', 'breakpoint'];
export const TEST_TYPES: readonly TestType[] = ['uor', 'fs'];

/** The workloads that one test type loads, and so the ones that its experiments vary. */
export const LOADED_WORKLOADS: Readonly<Record<TestType, readonly WorkloadName[]>> = {
  uor: ['django-api'],
  fs: ['django-api', 'idaes'],
};

/** Every experiment of the specification, in its order. */
export const EXPERIMENTS: readonly Experiment[] = [
  replicaCountOfRetrieval(),
  replicaCountOfSolving(),
  ...TEST_TYPES.map(resources),
  ...TEST_TYPES.map(minimumReplicas),
  ...TEST_TYPES.map(scaleUpLimits),
  ...TEST_TYPES.map(stabilisationWindow),
  ...TEST_TYPES.map(benchmark),
];

function replicaCountOfRetrieval(): Experiment {
  return {
    name: 'replica-count',
    testType: 'uor',
    question: 'How much load does each further Django pod carry?',
    profiles: SPECIFIED_PROFILES,
    variants: [1, 2, 4, 8].map((pods) =>
      variant(`uor-replicas-${pods}`, { 'django-api': { replicas: pods } }, { 'django-api': ['replicas'] }),
    ),
  };
}

function replicaCountOfSolving(): Experiment {
  const pairs = [
    [1, 1],
    [2, 2],
    [4, 4],
    [8, 8],
    [1, 8],
    [2, 8],
    [4, 8],
  ] as const;
  return {
    name: 'replica-count',
    testType: 'fs',
    question: 'Which of the API and the solver limits solving, and how do pods of each pay off?',
    profiles: SPECIFIED_PROFILES,
    variants: pairs.map(([django, idaes]) =>
      variant(
        `fs-replicas-${django}-${idaes}`,
        { 'django-api': { replicas: django }, idaes: { replicas: idaes } },
        { 'django-api': ['replicas'], idaes: ['replicas'] },
      ),
    ),
  };
}

function resources(testType: TestType): Experiment {
  const requests = [500, 1000, 2000];
  const targets = [25, 50, 75, 90];
  return {
    name: 'resources',
    testType,
    question: 'Which CPU request and target utilisation serve best?',
    profiles: SCALING_PROFILES,
    variants: requests.flatMap((cpuMillicores) =>
      targets.map((targetCpuPercent) =>
        autoscaled(
          testType,
          `cpu-${cpuMillicores}m-target-${targetCpuPercent}`,
          ['cpuMillicores', 'targetCpuPercent'],
          { targetCpuPercent },
          { cpuMillicores },
        ),
      ),
    ),
  };
}

function minimumReplicas(testType: TestType): Experiment {
  return {
    name: 'minimum-replicas',
    testType,
    question: 'What do replicas that stand ready buy when load arrives?',
    profiles: SCALING_PROFILES,
    variants: [1, 2, 4].map((minReplicas) =>
      autoscaled(testType, `minimum-${minReplicas}`, ['minReplicas'], { minReplicas }),
    ),
  };
}

function scaleUpLimits(testType: TestType): Experiment {
  const limits: readonly (readonly [string, ScalingPolicy])[] = [
    ['1-per-60s', { type: 'Pods', value: 1, periodSeconds: 60 }],
    ['1-per-15s', { type: 'Pods', value: 1, periodSeconds: 15 }],
    ['2-per-15s', { type: 'Pods', value: 2, periodSeconds: 15 }],
    ['4-per-15s', { type: 'Pods', value: 4, periodSeconds: 15 }],
    ['unlimited', { type: 'Pods', value: 8, periodSeconds: 15 }],
  ];
  return {
    name: 'scale-up-limit',
    testType,
    question: 'How fast may the autoscaler add pods before speed stops paying?',
    reason:
      'The spike climbs for 120 s and the autoscaler decides every 15 s. From 1 to 8 pods takes 420 s at 1 pod per 60 s (never ' +
      'done within the spike), 105 s at 1 per 15 s (done just at the peak), 60 s at 2, 30 s at 4 (the bound of the ' +
      'default), and one decision at 8, the maximum, which limits nothing.',
    profiles: SCALING_PROFILES,
    variants: limits.map(([label, policy]) =>
      autoscaled(testType, `scale-up-${label}`, ['scaleUp'], { scaleUp: [policy] }),
    ),
  };
}

function stabilisationWindow(testType: TestType): Experiment {
  return {
    name: 'stabilisation-window',
    testType,
    question: 'What does the scale-down stabilisation window do under load that varies?',
    reason:
      'From one decision interval (15 s, below which a window cannot differ) through the 30 s of all other experiments to ' +
      'the default of 300 s, each about double the one before. 120 s is how long the spike falls; 300 s outlasts it, so ' +
      'every pod of the peak is kept to the end.',
    profiles: [...SCALING_PROFILES, 'waves'],
    added: {
      profiles: ['waves'],
      reason:
        'The question asks for load that varies, and the tables have none: the breakpoint never falls, and the spike falls once, ' +
        'with which it ends. Waves rise four times with dips of 20 to 180 s between them.',
    },
    variants: [15, 30, 60, 120, 300].map((seconds) =>
      autoscaled(testType, `stabilisation-${seconds}s`, ['scaleDownStabilisationSeconds'], {
        scaleDownStabilisationSeconds: seconds,
      }),
    ),
  };
}

function benchmark(testType: TestType): Experiment {
  return {
    name: 'benchmark',
    testType,
    question: 'What does the cluster gain over the same stack under Docker Compose on one machine?',
    profiles: SPECIFIED_PROFILES,
    variants: [
      variant(`${testType}-benchmark-cluster`, {}, {}),
      { ...variant(`${testType}-benchmark-compose`, {}, {}), site: 'compose' },
    ],
  };
}

/** A variant whose autoscalers differ from the baseline's in the named fields. */
export function autoscaled(
  testType: TestType,
  label: string,
  fields: readonly VariedField[],
  autoscaling: Partial<Autoscaling> | ((workload: WorkloadName) => Partial<Autoscaling>),
  settings: Partial<WorkloadSettings> = {},
): Variant {
  const workloads = LOADED_WORKLOADS[testType];
  const changes = workloads.map((workload) => {
    const baseline = BASELINE[workload].replicas;
    if (typeof baseline !== 'object')
      throw new Error(
        `experiments/plan/variant.ts: BASELINE: ${workload}: replicas: ${baseline} pods leave the experiments no autoscaler to vary; write baselineAutoscaling(), and bounds there.`,
      );
    const changed = typeof autoscaling === 'function' ? autoscaling(workload) : autoscaling;
    return [workload, { ...settings, replicas: { ...baseline, ...changed } }] as const;
  });
  return variant(
    `${testType}-${label}`,
    Object.fromEntries(changes),
    Object.fromEntries(workloads.map((workload) => [workload, fields])),
  );
}

function variant(
  name: string,
  changes: Partial<Record<WorkloadName, Partial<WorkloadSettings>>>,
  varies: Variant['varies'],
): Variant {
  return {
    name,
    site: 'cluster',
    settings: {
      'django-api': { ...BASELINE['django-api'], ...changes['django-api'] },
      idaes: { ...BASELINE.idaes, ...changes.idaes },
    },
    varies,
  };
}
