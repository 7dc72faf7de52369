import type { Scenario } from '../scenario';
import {
  autoscaler,
  constant,
  cpuTarget,
  noise,
  pods,
  PROMPT,
  PULSE,
  RAMP_DOWN,
  RAMP_UP,
  repeated,
  shared,
  STEP_DOWN,
  STEP_UP,
} from './building-blocks';

export const signals: Scenario[] = [
  {
    name: 'follows a step up without behavior',
    initialReplicas: 1,
    specification: autoscaler(),
    steps: shared(STEP_UP),
  },
  {
    name: 'follows a step down after the window of the controller without behavior',
    initialReplicas: 8,
    specification: autoscaler(),
    steps: shared(STEP_DOWN),
  },
  {
    name: 'follows a ramp up without behavior',
    initialReplicas: 1,
    specification: autoscaler(),
    steps: shared(RAMP_UP),
  },
  {
    name: 'follows a ramp down without behavior',
    initialReplicas: 10,
    specification: autoscaler(),
    steps: shared(RAMP_DOWN),
  },
  { name: 'rides pulses without behavior', initialReplicas: 2, specification: autoscaler(), steps: shared(PULSE) },
  {
    name: 'follows noise without behavior',
    initialReplicas: 4,
    specification: autoscaler(),
    steps: shared(noise(7, 80, 420)),
  },
  {
    name: 'follows a step up with an empty behavior',
    initialReplicas: 1,
    specification: autoscaler({}),
    steps: shared(STEP_UP),
  },
  {
    name: 'follows a ramp up with a prompt way down',
    initialReplicas: 1,
    specification: autoscaler(PROMPT),
    steps: shared(RAMP_UP),
  },
  {
    name: 'follows a ramp down with a prompt way down',
    initialReplicas: 10,
    specification: autoscaler(PROMPT),
    steps: shared(RAMP_DOWN),
  },
  {
    name: 'rides pulses with a prompt way down',
    initialReplicas: 2,
    specification: autoscaler(PROMPT),
    steps: shared(PULSE),
  },
  {
    name: 'follows wide noise with a prompt way down',
    initialReplicas: 5,
    specification: autoscaler(PROMPT),
    steps: shared(noise(3, 20, 580)),
  },
  {
    name: 'follows narrow noise around the target',
    initialReplicas: 5,
    specification: autoscaler(PROMPT),
    steps: shared(noise(11, 215, 285)),
  },
];

export const tolerance: Scenario[] = [
  { name: 'stays at 110 % of the target', initialReplicas: 4, specification: autoscaler(PROMPT), steps: constant(55) },
  { name: 'grows at 112 % of the target', initialReplicas: 4, specification: autoscaler(PROMPT), steps: constant(56) },
  { name: 'stays at 90 % of the target', initialReplicas: 4, specification: autoscaler(PROMPT), steps: constant(45) },
  {
    name: 'shrinks at 88 % of the target',
    initialReplicas: 10,
    specification: autoscaler(PROMPT),
    steps: constant(44),
  },
  {
    name: 'truncates the utilisation of all pods together, not of each',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: [55, 55, 57] }, { cpu: [56, 56, 56] }, { cpu: [44, 45, 45] }]),
  },
  {
    name: 'takes a target above 100 %',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(150)] }),
    steps: shared([300, 600, 900, 1200, 900, 600, 300, 150, 150, 600, 600, 300]),
  },
  {
    name: 'has a tolerance of its own on the way up',
    initialReplicas: 4,
    specification: autoscaler({ scaleUp: { tolerance: '300m' }, ...PROMPT }),
    steps: shared([200, 220, 240, 255, 265, 265, 300, 340, 345, 200, 200, 150]),
  },
  {
    name: 'has a tolerance of its own on the way down',
    initialReplicas: 8,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 0, tolerance: '0.25' } }),
    steps: shared([400, 360, 320, 305, 295, 290, 250, 230, 200, 180, 160, 400]),
  },
  {
    name: 'has no tolerance at all',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { tolerance: '0' },
      scaleDown: { stabilizationWindowSeconds: 0, tolerance: '0' },
    }),
    steps: shared([200, 204, 204, 208, 250, 249, 240, 230, 220, 210, 205, 200]),
  },
  {
    name: 'takes the default metric of 80 % CPU',
    initialReplicas: 2,
    specification: { maxReplicas: 9, behavior: PROMPT },
    steps: shared([160, 400, 400, 700, 700, 300, 300, 80, 80, 80, 400, 400]),
  },
];

export const bounds: Scenario[] = [
  {
    name: 'stops at the maximum',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { maxReplicas: 5 }),
    steps: constant(400),
  },
  {
    name: 'stops at the minimum',
    initialReplicas: 9,
    specification: autoscaler(PROMPT, { minReplicas: 3 }),
    steps: constant(1),
  },
  {
    name: 'comes down from above the maximum at once',
    initialReplicas: 10,
    specification: autoscaler({ scaleDown: { policies: [pods(1, 11)] } }, { maxReplicas: 4 }),
    steps: constant(50),
  },
  {
    name: 'comes up from below the minimum at once',
    initialReplicas: 1,
    specification: autoscaler({ scaleUp: { policies: [pods(1, 11)] } }, { minReplicas: 5 }),
    steps: constant(50),
  },
  {
    name: 'counts the jump to the minimum among its scale-up events',
    initialReplicas: 1,
    specification: autoscaler({ scaleUp: { policies: [pods(2, 11)] } }, { minReplicas: 3 }),
    steps: constant(200),
  },
  {
    name: 'holds a fixed count when minimum equals maximum',
    initialReplicas: 4,
    specification: autoscaler(PROMPT, { minReplicas: 4, maxReplicas: 4 }),
    steps: shared(PULSE),
  },
  {
    name: 'falls to one with no usage at all',
    initialReplicas: 6,
    specification: autoscaler(PROMPT),
    steps: constant(0),
  },
];
