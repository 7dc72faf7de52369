import {
  BASELINE,
  halfBusyRate,
  LOADED_WORKLOADS,
  type Autoscaling,
  type TestType,
  type WorkloadName,
  type WorkloadSettings,
} from '../../plan';
import { RandomStream } from '../../../lib/primitives/random-stream';

/** One policy under trial; it applies to every workload that the test type loads. */
export interface Candidate {
  readonly cpuMillicores: number;
  readonly autoscaling: Autoscaling;
  /** What is looked at, where that is part of the search; CPU without it. */
  readonly signal?: SignalName;
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

/** What an autoscaler may look at, as tables name it. */
export const SIGNAL_NAMES = ['cpu', 'cpu and 4 in flight', '4 in flight', '8 in flight', 'request rate'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

function signalsOf(name: SignalName, testType: TestType, workload: WorkloadName): NonNullable<Autoscaling['signals']> {
  const inFlight = (perPod: number) => ({ kind: 'in-flight', perPod }) as const;
  switch (name) {
    case 'cpu':
      return ['cpu'];
    case 'cpu and 4 in flight':
      return ['cpu', inFlight(4)];
    case '4 in flight':
      return [inFlight(4)];
    case '8 in flight':
      return [inFlight(8)];
    case 'request rate':
      return [{ kind: 'request-rate', perPod: halfBusyRate(testType, workload) }];
  }
}

/** The rules of one workload's autoscaler under a candidate. */
export function autoscalingOf(
  { autoscaling, signal }: Candidate,
  testType: TestType,
  workload: WorkloadName,
): Autoscaling {
  return signal === undefined ? autoscaling : { ...autoscaling, signals: signalsOf(signal, testType, workload) };
}

/** The policy of production, with which a search begins. */
export function baselineCandidate(testType: TestType, withSignals = false): Candidate {
  const { cpuMillicores, replicas } = BASELINE[LOADED_WORKLOADS[testType][0]];
  return { cpuMillicores, autoscaling: replicas as Autoscaling, ...(withSignals && { signal: 'cpu' }) };
}

/**
 * Different policies drawn evenly from all combinations; the same seed draws the same ones.
 *
 * @param withSignals whether the signal is part of the combinations
 */
export function drawCandidates(count: number, testType: TestType, seed: number, withSignals = false): Candidate[] {
  const random = new RandomStream(seed, 'candidates');
  const one = <T>(values: readonly T[]): T => values[random.below(values.length)];
  const drawn = new Map<string, Candidate>();
  const keep = (candidate: Candidate) => drawn.set(JSON.stringify(candidate), candidate);
  keep(baselineCandidate(testType, withSignals));
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
      ...(withSignals && { signal: one(SIGNAL_NAMES) }),
    });
  }
  return [...drawn.values()];
}

/** Policies one step away from a candidate, each in one value: how the search looks around what it has found. */
export function neighbours(candidate: Candidate): Candidate[] {
  const { cpuMillicores, autoscaling, signal } = candidate;
  const beside = <T>(values: readonly T[], value: T): T[] => {
    const place = values.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
    return [values[place - 1], values[place + 1]].filter((one) => one !== undefined);
  };
  const vary = (change: Partial<Autoscaling>) => ({ ...candidate, autoscaling: { ...autoscaling, ...change } });
  return [
    ...beside(CPU_MILLICORES, cpuMillicores).map((cpu) => ({ ...candidate, cpuMillicores: cpu })),
    ...(signal === undefined ? [] : SIGNAL_NAMES.filter((one) => one !== signal)).map((one) => ({
      ...candidate,
      signal: one,
    })),
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
      ? {
          ...BASELINE[workload],
          cpuMillicores: candidate.cpuMillicores,
          replicas: autoscalingOf(candidate, testType, workload),
        }
      : BASELINE[workload];
  return { 'django-api': settings('django-api'), idaes: settings('idaes') };
}
