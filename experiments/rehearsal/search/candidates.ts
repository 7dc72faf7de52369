import {
  BASELINE,
  LOADED_WORKLOADS,
  type Autoscaling,
  type TestType,
  type WorkloadName,
  type WorkloadSettings,
} from '../../plan';
import { RandomStream } from '../engine/random-stream';

/** One policy under trial; it applies to every workload that the test type loads. */
export interface Candidate {
  readonly cpuMillicores: number;
  readonly autoscaling: Autoscaling;
}

/** The values that the search combines: those of the plan's tables and the steps between them. */
const CPU_MILLICORES = [250, 500, 750, 1000, 1500, 2000];
const TARGETS = [25, 35, 50, 60, 75, 90];
const MINIMUMS = [1, 2, 3, 4, 6, 8];
const WINDOWS = [15, 30, 60, 120, 300];
const SCALE_UP: readonly Autoscaling['scaleUp'][] = [
  [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  [{ type: 'Pods', value: 1, periodSeconds: 15 }],
  [{ type: 'Pods', value: 2, periodSeconds: 15 }],
  [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  [{ type: 'Pods', value: 8, periodSeconds: 15 }],
];

/** The policy of production, with which a search begins. */
export function baselineCandidate(testType: TestType): Candidate {
  const { cpuMillicores, replicas } = BASELINE[LOADED_WORKLOADS[testType][0]];
  return { cpuMillicores, autoscaling: replicas as Autoscaling };
}

/** Different policies drawn evenly from all combinations; the same seed draws the same ones. */
export function drawCandidates(count: number, testType: TestType, seed: number): Candidate[] {
  const random = new RandomStream(seed, 'candidates');
  const one = <T>(values: readonly T[]): T => values[random.below(values.length)];
  const drawn = new Map<string, Candidate>();
  const keep = (candidate: Candidate) => drawn.set(JSON.stringify(candidate), candidate);
  keep(baselineCandidate(testType));
  const { maxReplicas } = baselineCandidate(testType).autoscaling;
  const combinations = CPU_MILLICORES.length * TARGETS.length * MINIMUMS.length * WINDOWS.length * SCALE_UP.length;
  while (drawn.size < Math.min(count, combinations)) {
    keep({
      cpuMillicores: one(CPU_MILLICORES),
      autoscaling: {
        minReplicas: one(MINIMUMS),
        maxReplicas,
        targetCpuPercent: one(TARGETS),
        scaleUp: one(SCALE_UP),
        scaleDownStabilisationSeconds: one(WINDOWS),
      },
    });
  }
  return [...drawn.values()];
}

/** Policies one step away from a candidate, each in one value: how the search looks around what it has found. */
export function neighbours({ cpuMillicores, autoscaling }: Candidate): Candidate[] {
  const beside = <T>(values: readonly T[], value: T): T[] => {
    const place = values.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
    return [values[place - 1], values[place + 1]].filter((one) => one !== undefined);
  };
  const vary = (change: Partial<Autoscaling>) => ({ cpuMillicores, autoscaling: { ...autoscaling, ...change } });
  return [
    ...beside(CPU_MILLICORES, cpuMillicores).map((cpu) => ({ cpuMillicores: cpu, autoscaling })),
    ...beside(TARGETS, autoscaling.targetCpuPercent).map((targetCpuPercent) => vary({ targetCpuPercent })),
    ...beside(MINIMUMS, autoscaling.minReplicas).map((minReplicas) => vary({ minReplicas })),
    ...beside(WINDOWS, autoscaling.scaleDownStabilisationSeconds).map((scaleDownStabilisationSeconds) =>
      vary({ scaleDownStabilisationSeconds }),
    ),
    ...beside(SCALE_UP, autoscaling.scaleUp).map((scaleUp) => vary({ scaleUp })),
  ];
}

/** The settings of both workloads under a candidate; a workload that the test type does not load keeps its own. */
export function settingsOf(candidate: Candidate, testType: TestType): Record<WorkloadName, WorkloadSettings> {
  const loaded = LOADED_WORKLOADS[testType];
  const settings = (workload: WorkloadName): WorkloadSettings =>
    loaded.includes(workload)
      ? { ...BASELINE[workload], cpuMillicores: candidate.cpuMillicores, replicas: candidate.autoscaling }
      : BASELINE[workload];
  return { 'django-api': settings('django-api'), idaes: settings('idaes') };
}
