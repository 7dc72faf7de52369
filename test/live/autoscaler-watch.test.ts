import { comparedSyncs, type AutoscalerWatch } from './autoscaler-watch';

type Moment = AutoscalerWatch['moments'][number];

const POD = 'a';
/** A look at an autoscaler whose one pod uses so many millicores of a hundred requested. */
function look(seconds: number, use: number, desired: number, replicas: number): Moment {
  const names = Array.from({ length: replicas }, (_, index) => `${POD}${index}`);
  return {
    at: seconds * 1000,
    specReplicas: replicas,
    autoscaler: {
      spec: {
        minReplicas: 1,
        maxReplicas: 8,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
      },
      status: {
        desiredReplicas: desired,
        currentReplicas: replicas,
        currentMetrics: [{ resource: { current: { averageUtilization: use } } }],
      },
    },
    pods: names.map((name) => ({
      name,
      phase: 'Running',
      deleting: false,
      startTime: -3_600_000,
      ready: { status: 'True', lastTransitionTime: -3_500_000 },
      requests: { main: { cpu: 100 } },
    })),
    metrics: names.map((pod) => ({
      pod,
      timestamp: seconds * 1000,
      window: 15_000,
      containers: { main: { cpu: use } },
    })),
  };
}

test('syncs are held against the algorithm at whole periods, however late a look comes: two periods are past a window of 30 s', () => {
  // Four pods are busy at the first sync and idle at the next ones, 15 s apart; the last is looked at a second early.
  const moments = [look(0, 10, 4, 4), look(1, 50, 4, 4), look(16.4, 5, 4, 4), look(30.6, 6, 1, 4)];
  expect(comparedSyncs(moments).map(({ desired, decision }) => [desired, decision.replicas])).toEqual([
    [4, 4],
    [4, 4],
    [1, 1],
  ]);
});

test('a pod that became ready between two looks leaves open what the controller saw', () => {
  const [before, after] = [look(0, 10, 1, 1), look(1, 50, 1, 1)];
  const unready = {
    ...before,
    pods: before.pods.map((pod) => ({ ...pod, ready: { ...pod.ready!, status: 'False' as const } })),
  };
  expect(comparedSyncs([unready, after])).toEqual([]);
  expect(comparedSyncs([before, after])).toHaveLength(1);
});

test('pods that come with a sync do not', () => {
  const after = { ...look(1, 90, 2, 1), pods: look(1, 90, 2, 2).pods };
  expect(comparedSyncs([look(0, 10, 1, 1), after])).toHaveLength(1);
});
