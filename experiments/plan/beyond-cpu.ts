import { ENDPOINTS, type ProfileName, type TestType } from './profile';
import { autoscaled, TEST_TYPES, type Experiment } from './experiment';
import type { WorkloadName } from './variant';

const PROFILES: readonly ProfileName[] = ['spike', 'breakpoint'];

/** Part of a request's time that each workload computes for it: what a pod can answer in a second follows from it. */
const SHARE_OF_REQUEST: Readonly<Record<TestType, Readonly<Record<WorkloadName, number>>>> = {
  uor: { 'django-api': 1, idaes: 1 },
  fs: { 'django-api': 0.1, idaes: 0.9 },
};

/**
 * Experiments of our own, in no table of the specification. They are planned only where they are named, and rendered only
 * where the cluster can carry them (see `needs`).
 */
export const OWN_EXPERIMENTS: readonly Experiment[] = [
  ...TEST_TYPES.map(signal),
  ...TEST_TYPES.map(tolerance),
  ...TEST_TYPES.map(schedule),
];

/** Requests per second that keep a pod half busy, as a CPU target of 50 % of one core does. */
export function halfBusyRate(testType: TestType, workload: WorkloadName): number {
  const [least, most] = ENDPOINTS[testType].idleMs;
  const seconds = ((least + most) / 2 / 1000) * SHARE_OF_REQUEST[testType][workload];
  return Number((0.5 / seconds).toPrecision(2));
}

function signal(testType: TestType): Experiment {
  const inFlight = (perPod: number) => ({ kind: 'in-flight', perPod }) as const;
  return {
    name: 'signal',
    testType,
    question: 'Which signal should the autoscaler look at: CPU, requests in flight, their rate, or two of them?',
    reason:
      'CPU at 50 % is production. Half a request in flight is the same load as half a core by Little’s law, where a request only computes: ' +
      'so the two differ in the signal alone. 4 and 8 are half and all of a pod’s eight threads. The rate keeps a pod half busy by the ' +
      'specification’s service times. Of two signals the one that asks for more pods wins.',
    profiles: PROFILES,
    own: 'The specification varies autoscalers on CPU alone.',
    needs: 'signals',
    variants: [
      autoscaled(testType, 'signal-cpu-50', ['signals'], {}),
      autoscaled(testType, 'signal-in-flight-half', ['signals'], { signals: [inFlight(0.5)] }),
      autoscaled(testType, 'signal-in-flight-4', ['signals'], { signals: [inFlight(4)] }),
      autoscaled(testType, 'signal-in-flight-8', ['signals'], { signals: [inFlight(8)] }),
      autoscaled(testType, 'signal-request-rate', ['signals'], (workload) => ({
        signals: [{ kind: 'request-rate', perPod: halfBusyRate(testType, workload) }],
      })),
      autoscaled(testType, 'signal-cpu-50-and-in-flight-4', ['signals'], { signals: ['cpu', inFlight(4)] }),
    ],
  };
}

function tolerance(testType: TestType): Experiment {
  return {
    name: 'tolerance',
    testType,
    question: 'How far may usage stray from its target before the autoscaler acts?',
    reason:
      'A tenth is the controller’s own. None follows every change, which the rounding up of pods dampens; a fifth holds still ' +
      'between 40 and 60 % of CPU.',
    profiles: PROFILES,
    own: 'The specification leaves the tolerance at the controller’s own.',
    needs: 'tolerance',
    variants: [0, 5, 10, 20].map((percent) =>
      autoscaled(testType, `tolerance-${percent}`, ['tolerancePercent'], { tolerancePercent: percent }),
    ),
  };
}

function schedule(testType: TestType): Experiment {
  return {
    name: 'schedule',
    testType,
    question: 'What does a floor of replicas buy that is raised ahead of a peak whose time is known?',
    reason:
      'Four pods, the largest of the table of minimum replicas, but only around the peak. The autoscaler needs some 60 s to ' +
      'follow a load; half of that, that and twice that ahead show what knowing is worth. No floor is the comparison.',
    profiles: PROFILES,
    own: 'The specification keeps minimum replicas for the whole trial.',
    needs: 'signals',
    variants: [
      autoscaled(testType, 'schedule-none', ['floor'], {}),
      ...[30, 60, 120].map((leadSeconds) =>
        autoscaled(testType, `schedule-lead-${leadSeconds}s`, ['floor'], { floor: { replicas: 4, leadSeconds } }),
      ),
    ],
  };
}
