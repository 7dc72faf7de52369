import type { PodStanding, Scenario, Step } from '../scenario';
import { autoscaler, constant, cpuTarget, PROMPT, PULSE, repeated, shared } from './building-blocks';

export const missingMetrics: Scenario[] = [
  {
    name: 'counts a missing pod as idle on the way up',
    initialReplicas: 4,
    specification: autoscaler(PROMPT),
    steps: constant(80, { missing: [0] }),
  },
  {
    name: 'counts a missing pod as fully used on the way down',
    initialReplicas: 4,
    specification: autoscaler(PROMPT),
    steps: constant(10, { missing: [1] }),
  },
  {
    name: 'stays when missing pods would turn the direction round',
    initialReplicas: 4,
    specification: autoscaler(PROMPT),
    steps: constant(56, { missing: [0, 1, 2] }),
  },
  {
    name: 'counts a missing pod at the target where that is above 100 %',
    initialReplicas: 5,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(120)] }),
    steps: constant(30, { missing: [0, 2] }),
  },
  {
    name: 'rides pulses with a pod that comes and goes from the metrics',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: shared(PULSE).map((step, index) => (index % 3 === 1 ? { ...step, missing: [0] } : step)),
  },
  {
    name: 'does nothing while all metrics are missing',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 90, missing: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }, { cpu: 70 }]),
  },
  {
    name: 'does nothing while the metrics API fails',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 70 }, { api: 'error' }, { api: 'error' }]),
  },
  {
    name: 'does nothing while the metrics API lists nothing',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 20 }, { api: 'empty' }]),
  },
  {
    name: 'keeps its window over syncs without metrics',
    initialReplicas: 6,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 8 } }),
    steps: repeated([{ cpu: 40 }, { cpu: 10 }, { api: 'empty' }]),
  },
];

const unsettled = (standing: PodStanding, cpu: number, indices = [0, 1]): Step[] =>
  constant(cpu, { pods: Object.fromEntries(indices.map((index) => [index, standing])) });
export const standings: Scenario[] = [
  ...(
    [
      'was-ready',
      'never-ready',
      'just-ready',
      'settled',
      'starting',
      'no-condition',
      'unknown',
      'pending',
      'failed',
      'deleting',
    ] as const
  ).flatMap((standing): Scenario[] => [
    {
      name: `weighs ${standing} pods on the way up`,
      initialReplicas: 5,
      specification: autoscaler(PROMPT),
      steps: unsettled(standing, 90),
    },
    {
      name: `weighs ${standing} pods on the way down`,
      initialReplicas: 7,
      specification: autoscaler(PROMPT),
      steps: unsettled(standing, 20),
    },
  ]),
  {
    name: 'does nothing while no pod may be believed',
    initialReplicas: 2,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 90, pods: { 0: 'starting', 1: 'pending' } }]),
  },
  {
    name: 'grows less while new pods start',
    initialReplicas: 2,
    specification: autoscaler(PROMPT),
    steps: [
      ...Array.from({ length: 6 }, (): Step => ({ cpu: 90, pods: { 2: 'starting', 3: 'starting', 4: 'pending' } })),
      ...constant(60).slice(6),
    ],
  },
  {
    name: 'has fewer pods than it asks for',
    initialReplicas: 6,
    specification: autoscaler(PROMPT),
    steps: constant(90, { podCount: 3 }),
  },
  {
    name: 'has more pods than it asks for',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: constant(90, { podCount: 5 }),
  },
  {
    name: 'mixes missing and unready pods',
    initialReplicas: 6,
    specification: autoscaler(PROMPT),
    steps: constant(110, { missing: [0], pods: { 1: 'starting', 2: 'pending' } }),
  },
];
