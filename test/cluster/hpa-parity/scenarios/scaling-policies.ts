import type { Behavior } from '../../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { Scenario } from '../scenario';
import {
  autoscaler,
  constant,
  noise,
  percent,
  pods,
  PROMPT,
  PULSE,
  RAMP_DOWN,
  RAMP_UP,
  shared,
} from './building-blocks';

const up = (scaleUp: Behavior['scaleUp']): Behavior => ({ scaleUp, ...PROMPT });
export const policiesUp: Scenario[] = [
  {
    name: 'adds one pod per 4 s',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [pods(1, 4)] })),
    steps: constant(300),
  },
  {
    name: 'adds one pod per 11 s',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [pods(1, 11)] })),
    steps: constant(300),
  },
  {
    name: 'adds three pods per 8 s under a ramp',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [pods(3, 8)] })),
    steps: shared(RAMP_UP),
  },
  {
    name: 'adds half of the pods per 4 s, rounded up',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [percent(50, 4)] })),
    steps: constant(300),
  },
  {
    name: 'adds a tenth of the pods per 8 s, rounded up',
    initialReplicas: 3,
    specification: autoscaler(up({ policies: [percent(10, 8)] })),
    steps: constant(200),
  },
  {
    name: 'doubles per 11 s',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [percent(100, 11)] })),
    steps: constant(250),
  },
  {
    name: 'takes the larger of two policies by default',
    initialReplicas: 2,
    specification: autoscaler(up({ policies: [pods(2, 11), percent(50, 5)] })),
    steps: constant(250),
  },
  {
    name: 'takes the smaller of two policies with Min',
    initialReplicas: 2,
    specification: autoscaler(up({ selectPolicy: 'Min', policies: [pods(2, 11), percent(50, 5)] })),
    steps: constant(250),
  },
  {
    name: 'never grows with Disabled',
    initialReplicas: 3,
    specification: autoscaler(up({ selectPolicy: 'Disabled' })),
    steps: shared(PULSE),
  },
  {
    name: 'reckons policies from the start of a period with removals in it',
    initialReplicas: 6,
    specification: autoscaler(up({ policies: [pods(1, 11)] })),
    steps: shared([300, 100, 500, 500, 100, 500, 500, 100, 500, 500, 500, 500]),
  },
  {
    name: 'adds by a policy under noise',
    initialReplicas: 3,
    specification: autoscaler(up({ policies: [pods(2, 5)] })),
    steps: shared(noise(23, 60, 560)),
  },
];

const down = (scaleDown: Behavior['scaleDown']): Behavior => ({
  scaleDown: { stabilizationWindowSeconds: 0, ...scaleDown },
});
export const policiesDown: Scenario[] = [
  {
    name: 'removes one pod per 4 s',
    initialReplicas: 9,
    specification: autoscaler(down({ policies: [pods(1, 4)] })),
    steps: constant(5),
  },
  {
    name: 'removes one pod per 11 s',
    initialReplicas: 9,
    specification: autoscaler(down({ policies: [pods(1, 11)] })),
    steps: constant(5),
  },
  {
    name: 'removes three pods per 8 s down a ramp',
    initialReplicas: 10,
    specification: autoscaler(down({ policies: [pods(3, 8)] })),
    steps: shared(RAMP_DOWN),
  },
  {
    name: 'removes half of the pods per 4 s, truncated',
    initialReplicas: 11,
    specification: autoscaler(down({ policies: [percent(50, 4)] })),
    steps: constant(5),
  },
  {
    name: 'removes a tenth of the pods per 5 s',
    initialReplicas: 12,
    specification: autoscaler(down({ policies: [percent(10, 5)] })),
    steps: constant(5),
  },
  {
    name: 'takes the larger of two scale-down policies by default',
    initialReplicas: 12,
    specification: autoscaler(down({ policies: [pods(4, 11), percent(10, 4)] })),
    steps: constant(5),
  },
  {
    name: 'takes the smaller of two scale-down policies with Min',
    initialReplicas: 12,
    specification: autoscaler(down({ selectPolicy: 'Min', policies: [pods(4, 11), percent(10, 4)] })),
    steps: constant(5),
  },
  {
    name: 'never shrinks with Disabled',
    initialReplicas: 3,
    specification: autoscaler(down({ selectPolicy: 'Disabled' })),
    steps: shared(PULSE),
  },
  {
    name: 'removes by a policy under noise',
    initialReplicas: 8,
    specification: autoscaler(down({ policies: [pods(2, 5)] })),
    steps: shared(noise(5, 40, 520)),
  },
  {
    name: 'limits both directions',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { policies: [pods(1, 4)] },
      scaleDown: { stabilizationWindowSeconds: 5, policies: [percent(25, 4)] },
    }),
    steps: shared(PULSE),
  },
];
