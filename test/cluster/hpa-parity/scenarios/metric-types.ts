import type { MetricSpecification } from '../../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { Scenario } from '../scenario';
import { autoscaler, constant, cpuTarget, PROMPT, PULSE, repeated, shared } from './building-blocks';

const memoryTarget = (averageUtilization: number): MetricSpecification => ({
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'Utilization', averageUtilization } },
});
const MIB = 1024 * 1024;
export const otherMetrics: Scenario[] = [
  {
    name: 'scales on memory, for which starting pods count',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, { metrics: [memoryTarget(60)] }),
    steps: repeated([{ memory: 90 * MIB, pods: { 0: 'starting' } }, { memory: 60 * MIB }, { memory: 30 * MIB }]),
  },
  {
    name: 'takes the larger proposal of CPU and memory',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(50), memoryTarget(50)] }),
    steps: repeated([
      { cpu: 80, memory: 20 * MIB },
      { cpu: 20, memory: 70 * MIB },
      { cpu: 20, memory: 20 * MIB },
    ]),
  },
  {
    name: 'scales on an average value of CPU',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, {
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '60m' } } }],
    }),
    steps: shared(PULSE),
  },
  {
    name: 'counts a missing pod at the average value on the way down',
    initialReplicas: 5,
    specification: autoscaler(PROMPT, {
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '60m' } } }],
    }),
    steps: constant(20, { missing: [0, 1] }),
  },
  {
    name: 'sums the containers of a pod',
    initialReplicas: 3,
    sidecar: true,
    specification: autoscaler(PROMPT),
    steps: repeated([
      { cpu: 60, sidecarCpu: 60 },
      { cpu: 30, sidecarCpu: 40 },
      { cpu: 60, sidecarCpu: 1 },
    ]),
  },
  {
    name: 'scales on one container of a pod',
    initialReplicas: 3,
    sidecar: true,
    specification: autoscaler(PROMPT, {
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'main',
            target: { type: 'Utilization', averageUtilization: 50 },
          },
        },
      ],
    }),
    steps: repeated([
      { cpu: 90, sidecarCpu: 1 },
      { cpu: 20, sidecarCpu: 90 },
    ]),
  },
];
