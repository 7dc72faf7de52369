import type { Scenario } from '../scenario';
import { autoscaler, noise, pods, PROMPT, PULSE, shared, STEP_DOWN } from './building-blocks';

export const windows: Scenario[] = [
  {
    name: 'holds a peak for a scale-down window of 5 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 5 } }),
    steps: shared(PULSE),
  },
  {
    name: 'holds a peak for a scale-down window of 11 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 11 } }),
    steps: shared(PULSE),
  },
  {
    name: 'holds a peak for a scale-down window of 21 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 21 } }),
    steps: shared(PULSE),
  },
  {
    name: 'takes the scale-down window of the controller where behavior names none',
    initialReplicas: 2,
    specification: autoscaler({ scaleUp: { policies: [pods(4, 4)] } }),
    steps: shared(PULSE),
  },
  {
    name: 'waits out a scale-up window of 4 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleUp: { stabilizationWindowSeconds: 4 }, ...PROMPT }),
    steps: shared(PULSE),
  },
  {
    name: 'waits out a scale-up window of 8 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleUp: { stabilizationWindowSeconds: 8 }, ...PROMPT }),
    steps: shared([100, 500, 500, 500, 500, 500, 100, 500, 500, 500, 500, 500]),
  },
  {
    name: 'has windows in both directions under noise',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { stabilizationWindowSeconds: 5 },
      scaleDown: { stabilizationWindowSeconds: 8 },
    }),
    steps: shared(noise(17, 40, 560)),
  },
  {
    name: 'has windows in both directions on pulses',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { stabilizationWindowSeconds: 8 },
      scaleDown: { stabilizationWindowSeconds: 4 },
    }),
    steps: shared(PULSE),
  },
  {
    name: 'combines a window with a policy on the way down',
    initialReplicas: 10,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 8, policies: [pods(2, 4)] } }),
    steps: shared(STEP_DOWN),
  },
];
