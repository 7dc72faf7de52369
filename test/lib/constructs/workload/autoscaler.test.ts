import { Autoscaler } from '../../../../lib/constructs/workload/autoscaler';
import type { Autoscaling } from '../../../../lib/kubernetes/workload-variant';
import { only, sampleComponent } from '../sample';

const SCALING: Autoscaling = {
  minReplicas: 1,
  maxReplicas: 8,
  targetCpuPercent: 50,
  scaleUp: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  scaleDownStabilisationSeconds: 30,
};

function specOf(change: Partial<Autoscaling>) {
  const component = sampleComponent();
  new Autoscaler(component, 'autoscaler', 'sample', { ...SCALING, ...change });
  return only(component, 'HorizontalPodAutoscaler').spec;
}

it('writes out every rule, so that no default is relied on', () => {
  expect(specOf({})).toEqual({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sample' },
    minReplicas: 1,
    maxReplicas: 8,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 30,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      },
    },
  });
});

it('never scales up when there is no policy for it', () => {
  expect(specOf({ scaleUp: [] }).behavior.scaleUp).toEqual({ selectPolicy: 'Disabled' });
});

it.each<[string, Partial<Autoscaling>, string]>([
  [
    'the minimum above the maximum',
    { minReplicas: 9 },
    'sample: replicas: minReplicas 9 is above maxReplicas 8; lower the one or raise the other.',
  ],
  [
    'no pod at all',
    { minReplicas: 0 },
    'sample: replicas.minReplicas: 0 is not a whole number from 1 to 1000; the API server would refuse it.',
  ],
  [
    'a target of nothing',
    { targetCpuPercent: 0 },
    'sample: replicas.targetCpuPercent: 0 is not a whole number from 1 to 1000; the API server would refuse it.',
  ],
  [
    'a window above an hour',
    { scaleDownStabilisationSeconds: 3601 },
    'sample: replicas.scaleDownStabilisationSeconds: 3601 is not a whole number from 0 to 3600; the API server would refuse it.',
  ],
  [
    'a period above half an hour',
    { scaleUp: [{ type: 'Pods', value: 1, periodSeconds: 1801 }] },
    'sample: replicas.scaleUp[0].periodSeconds: 1801 is not a whole number from 1 to 1800; the API server would refuse it.',
  ],
])('refuses %s', (_case, change, sentence) => {
  expect(() => specOf(change)).toThrow(new Error(sentence));
});
