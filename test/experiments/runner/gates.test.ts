import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as gates from '../../../experiments/runner/attempt/gates/gates';
import { metricsPossible, withoutRepeats } from '../../../experiments/runner/attempt/gates/node-health';
import { Timeline } from '../../../experiments/runner/attempt/observation';
import { NetemDelay } from '../../../experiments/runner/sites/cluster/netem-delay';
import { RelayDelay } from '../../../experiments/runner/sites/local/relay-delay';
import {
  emptySamples,
  EmbeddedGenerator,
  errorCode,
  outcomesOf,
  type Load,
  type LoadResult,
} from '../../../experiments/workload';

const LOAD: Load = {
  trial: 't',
  stages: [{ target: 20, seconds: 1 }],
  request: { method: 'GET', url: 'http://127.0.0.1/', headers: {} },
};

const NETEM = { delayMs: 5, excessMs: 3, remedy: 'Look at tc.' };

function result(change: (samples: LoadResult['samples']) => void): LoadResult {
  const samples = emptySamples(10);
  samples.scheduled_s.set(Array.from({ length: 10 }, (_, row) => row / 10));
  samples.started_s.set(samples.scheduled_s);
  change(samples);
  return { generator: 'embedded', startedAt: new Date(), aborted: false, samples };
}

function timeline(fill: (timeline: Timeline) => void): Timeline {
  const filled = new Timeline();
  fill(filled);
  return filled;
}

const replicas = (at: number, desired: number) => ({
  at,
  workload: 'django-api' as const,
  desired,
  current: desired,
  ready: desired,
});
const pod = (at: number, name: string, more: { restarts?: number; evicted?: boolean; gone?: boolean } = {}) => ({
  ...{ at, workload: 'django-api' as const, pod: name, restarts: 0, evicted: false, gone: false },
  ...more,
});

describe('a validity gate', () => {
  it('lets a healthy trial pass, each with its figure', () => {
    const healthy = result(() => undefined);
    const quiet = timeline((one) => one.replicas(replicas(0, 1)));
    const verdicts = [
      gates.generatorCpu([{ at: 0, cpu: 0.4, memory: 0.3 }]),
      gates.generatorMemory([{ at: 0, cpu: 0.4, memory: 0.3 }]),
      gates.achievedRate(LOAD, healthy),
      ...gates.loadGates(outcomesOf(healthy.samples), [], []),
      gates.podsStable(quiet, 0, 10),
      gates.clockOffset(new Map([['worker-1', -0.2]])),
      gates.variantLive('start', 'v', []),
      gates.delayInPlace('before', NETEM, 0.3, { configuredMs: 5, roundTripMs: 5.5 }),
    ];
    expect(verdicts.filter(({ passed }) => !passed)).toEqual([]);
    expect(verdicts.every(({ value }) => value !== undefined)).toBe(true);
  });

  it('trips above 90 % CPU or 80 % memory of the generator host, and when nothing was measured', () => {
    expect(gates.generatorCpu([{ at: 0, cpu: 0.91, memory: 0 }])).toMatchObject({
      passed: false,
      value: 0.91,
      limit: 0.9,
    });
    expect(gates.generatorMemory([{ at: 0, cpu: 0, memory: 0.81 }])).toMatchObject({ passed: false, limit: 0.8 });
    expect(gates.generatorCpu([])).toMatchObject({ passed: false });
  });

  it('trips when starts are late or missing', () => {
    expect(
      gates.achievedRate(
        LOAD,
        result(({ started_s }) => (started_s[3] = 0.36)),
      ).passed,
    ).toBe(false);
    const short = result(() => undefined);
    expect(gates.achievedRate(LOAD, { ...short, samples: { ...short.samples, rows: 9 } }).passed).toBe(false);
  });

  it('keeps a trial whose starts were dropped, unless its generator was not well itself', () => {
    const outcomes = outcomesOf(result(({ error }) => (error[0] = errorCode('dropped'))).samples);
    const dropped = (cpu: number) =>
      gates.loadGates(outcomes, [gates.generatorCpu([{ at: 0, cpu, memory: 0.1 }])], [])[0]!;
    expect(dropped(0.2)).toMatchObject({ gate: 'dropped-starts', passed: true, value: 0.1 });
    expect(dropped(0.95)).toMatchObject({ gate: 'dropped-starts', passed: false, value: 0.1 });
    expect(dropped(0.95).detail).toContain('generator-cpu');
  });

  it('trips on a redirect that a real server answered with', async () => {
    const server = http.createServer((_, response) => void response.writeHead(302, { location: '/sign-in' }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const loaded = await new EmbeddedGenerator().run({
      ...LOAD,
      stages: [{ target: 20, seconds: 0.5 }],
      request: { ...LOAD.request, url },
    });
    expect(gates.loadGates(outcomesOf(loaded.samples), [], [])).toContainEqual(
      expect.objectContaining({ gate: 'no-redirects', passed: false, value: 5 }),
    );
    server.close();
  });

  it('trips when a pod restarts, is evicted, or is replaced though as many are wanted', () => {
    const restarted = timeline((one) => [pod(0, 'a'), pod(5, 'a', { restarts: 1 })].forEach((seen) => one.pod(seen)));
    const evicted = timeline((one) => one.pod(pod(5, 'a', { evicted: true })));
    const replaced = timeline((one) => {
      one.replicas(replicas(0, 2));
      [pod(0, 'a'), pod(0, 'b'), pod(4, 'c'), pod(5, 'a', { gone: true })].forEach((seen) => one.pod(seen));
    });
    for (const seen of [restarted, evicted, replaced]) expect(gates.podsStable(seen, 0, 10).passed).toBe(false);
    expect(gates.podsStable(replaced, 0, 10).detail).toContain("1 of django-api's pods were replaced or lost");
  });

  it('lets pods go that the autoscaler gave up, and none more', () => {
    const scaledDown = (gone: readonly string[]) =>
      timeline((one) => {
        one.replicas(replicas(0, 3));
        one.replicas(replicas(4, 2));
        gone.forEach((name) => one.pod(pod(5, name, { gone: true })));
      });
    expect(gates.podsStable(scaledDown(['a']), 0, 10).passed).toBe(true);
    expect(gates.podsStable(scaledDown(['a', 'b']), 0, 10).passed).toBe(false);
  });

  it('sees a pod that was replaced while another was given up, though as many went as were released', () => {
    const hidden = timeline((one) => {
      one.replicas(replicas(0, 3));
      ['a', 'b', 'c'].forEach((name) => one.pod(pod(0, name)));
      one.replicas(replicas(4, 2));
      // 'a' was killed and 'd' came in its place; 'c' is given up, and has not gone yet.
      one.pod(pod(5, 'a', { gone: true }));
      one.pod(pod(6, 'd'));
    });
    expect(gates.podsStable(hidden, 0, 10).detail).toContain("1 of django-api's pods were replaced or lost");
  });

  const autoscaler = (at: number, more: { uid?: string; policy?: string; gone?: boolean } = {}) => ({
    ...{
      at,
      workload: 'idaes' as const,
      active: true,
      reason: 'ValidMetricFound',
      uid: '1',
      policy: '{"minReplicas":2}',
    },
    ...more,
  });

  it.each<[string, readonly ReturnType<typeof autoscaler>[], string]>([
    [
      'deleted and made again',
      [autoscaler(12_000, { gone: true }), autoscaler(13_000, { uid: '2' })],
      'During the load the autoscaler of idaes was deleted at 12 s; that of idaes was made anew at 13 s.',
    ],
    ['made again while nobody looked', [autoscaler(14_000, { uid: '2' })], 'was made anew at 14 s'],
    [
      'told otherwise for a while',
      [autoscaler(12_000, { policy: '{"minReplicas":4}' }), autoscaler(15_000)],
      'was told otherwise at 12 s; that of idaes was told otherwise at 15 s',
    ],
  ])('trips on an autoscaler that was %s', (_, rows, detail) => {
    const seen = timeline((one) => [autoscaler(0), ...rows, autoscaler(40_000)].forEach((row) => one.signal(row)));
    expect(gates.autoscalersSame(seen, 1, 20_000)).toMatchObject({
      passed: false,
      detail: expect.stringContaining(detail) as string,
    });
    // Before the load, and after it, that is how variants come and go.
    for (const [start, end] of [
      [16_000, 20_000],
      [1, 11_000],
    ])
      expect(gates.autoscalersSame(seen, start!, end!)).toMatchObject({ passed: true, value: 0 });
  });

  it('trips on a metrics API that gave no answer, and not on figures of new pods that come late', () => {
    const seen = (message: string) =>
      timeline((one) => {
        one.signal({ at: 0, workload: 'idaes', active: true, reason: 'ValidMetricFound' });
        one.signal({ at: 12, workload: 'idaes', active: false, reason: 'FailedGetResourceMetric', message });
      });
    const failed = 'the HPA was unable to compute the replica count: failed to get cpu utilization: ';
    const away =
      'unable to fetch metrics from resource metrics API: the server is currently unable to handle the request';
    expect(gates.signalsPresent(seen(`${failed}${away}`), 10, 20)).toMatchObject({
      passed: false,
      detail: expect.stringContaining('idaes (FailedGetResourceMetric)') as string,
    });
    const late = 'unable to get metrics for resource cpu: no metrics returned from resource metrics API';
    expect(gates.signalsPresent(seen(`${failed}${late}`), 10, 20).passed).toBe(true);
  });

  test('fails a load through which an autoscaler was without a signal beyond CPU, however short', () => {
    const seen = (...rows: readonly (readonly [number, boolean, string])[]) => {
      const timeline = new Timeline();
      for (const [at, active, reason] of rows) timeline.signal({ at, workload: 'django-api', active, reason });
      return gates.signalsPresent(timeline, 10, 20);
    };
    const valid = 'ValidMetricFound';
    const lost = 'FailedGetExternalMetric';
    expect(seen([0, true, valid]).passed).toBe(true);
    expect(seen([12, false, lost], [13, true, valid]).detail).toBe(
      'During the load the autoscaler of django-api (FailedGetExternalMetric) had no figures and kept its pods.',
    );
    // Lost before the load and never found again, or found within it.
    expect(seen([2, false, lost]).passed).toBe(false);
    expect(seen([2, false, lost], [11, true, valid]).passed).toBe(false);
    // Over by the time it begins, only after it ends, and figures of CPU, which come late by nature.
    expect(seen([2, false, lost], [9, true, valid]).passed).toBe(true);
    expect(seen([21, false, lost]).passed).toBe(true);
    expect(seen([12, false, 'FailedGetResourceMetric']).passed).toBe(true);
  });

  it('trips on a machine that monitoring never spoke of, and on figures that cannot be', () => {
    const point = (node: string, value: number, at: number) => ({
      at,
      metric: 'node_cpu_cores',
      node,
      pod: null,
      container: null,
      value,
    });
    const times = [0, 1000, 2000, 3000];
    const points = (...nodes: readonly string[]) => nodes.flatMap((node) => times.map((at) => point(node, 0.5, at)));
    const complete = (seen: ReturnType<typeof points>) =>
      gates.metricsComplete(seen, ['node_cpu_cores'], 1, 0, 3000, 3);
    expect(complete(points('a', 'b', 'c'))).toMatchObject({ passed: true, value: 1 });
    expect(complete(points('a', 'b'))).toMatchObject({
      passed: false,
      detail: expect.stringContaining('node_cpu_cores of 1 of 3 machines') as string,
    });
    expect(metricsPossible(points('a'), 0, 3000).passed).toBe(true);
    for (const value of [-0.2, 1e6])
      expect(metricsPossible([...points('a'), point('b', value, 2000)], 0, 3000)).toMatchObject({
        passed: false,
        detail: `1 figure of monitoring cannot be, first node_cpu_cores of b: ${value} at 2 s.`,
      });
  });

  it('trips on two figures of one moment that differ, and not on one that is said twice', () => {
    const figure = { at: 1000, metric: 'container_cpu_cores', node: 'a', pod: 'p', container: 'c', value: 0.5 };
    expect(metricsPossible([figure, { ...figure, value: 0.7 }], 0, 3000).detail).toBe(
      '1 figure of monitoring cannot be, first container_cpu_cores of a: 0.7 at 1 s, beside another of the same moment.',
    );
    expect(metricsPossible([figure, figure], 0, 3000).passed).toBe(true);
    expect(withoutRepeats([figure, figure, { ...figure, value: 0.7 }])).toHaveLength(2);
    expect(metricsPossible([{ ...figure, value: NaN }], 0, 3000).passed).toBe(false);
  });

  it('trips on a gap in the figures of a pod, and not on pods that come and go', () => {
    const figures = (pod: string, steps: readonly number[]) =>
      steps.map((step) => ({
        ...{ at: step * 60_000, metric: 'container_cpu_cores', node: 'a', pod, container: 'c', value: 0.5 },
      }));
    const complete = (points: ReturnType<typeof figures>) =>
      gates.metricsComplete(points, ['container_cpu_cores'], 60, 0, 300_000);
    const throughout = figures('p-1', [0, 1, 2, 3, 4]);
    expect(complete([...throughout, ...figures('p-2', [1, 2])])).toMatchObject({ passed: true, value: 1 });
    expect(complete([...throughout, ...figures('p-2', [0, 1, 3, 4])])).toMatchObject({
      passed: false,
      detail: expect.stringContaining('80.0 % of the window') as string,
    });
  });

  it('trips when the watch of pods broke, so that no one knows', () => {
    const seen = timeline((one) => one.broken('connection lost'));
    expect(gates.podsStable(seen, 0, 10).detail).toContain('connection lost');
  });

  it('trips on a clock that is off and on a node that was not heard of', () => {
    expect(gates.clockOffset(new Map([['worker-1', -2]])).passed).toBe(false);
    expect(gates.clockOffset(new Map([['worker-1', Infinity]])).passed).toBe(false);
    expect(gates.clockOffset(new Map()).passed).toBe(false);
  });

  it('trips when a metric lacks part of the window', () => {
    const points = Array.from({ length: 10 }, (_, at) => ({
      at: at * 1000,
      metric: 'm',
      node: null,
      pod: null,
      container: null,
      value: 1,
    }));
    expect(gates.metricsComplete(points, ['m'], 1, 0, 10_000).passed).toBe(true);
    expect(gates.metricsComplete(points.slice(0, 8), ['m'], 1, 0, 10_000)).toMatchObject({ passed: false, value: 0.8 });
    expect(gates.metricsComplete(points, ['m', 'other'], 1, 0, 10_000).detail).toContain('of other');
  });

  const ofNode = (node: string, seconds: number, value: (at: number) => number) =>
    Array.from({ length: seconds / 60 }, (_, step) => ({
      ...{ at: step * 60_000, metric: 'node_cpu_cores', node, pod: null, container: null },
      value: value(step),
    }));

  it('trips when one of several nodes falls silent', () => {
    const points = [...ofNode('worker-1', 600, Math.sqrt), ...ofNode('worker-2', 300, Math.sqrt)];
    const verdict = gates.metricsComplete(points, ['node_cpu_cores'], 60, 0, 600_000);
    expect(verdict).toMatchObject({ passed: false, value: 0.5 });
    expect(verdict.detail).toContain('node_cpu_cores of worker-2');
  });

  it('trips when monitoring repeats an old value, on one node or for a part of the load', () => {
    const moving = ofNode('worker-1', 600, Math.sqrt);
    expect(gates.metricsMove(moving, 0, 600_000).passed).toBe(true);
    const stuck = [...moving, ...ofNode('worker-2', 600, (step) => Math.min(step, 4))];
    const verdict = gates.metricsMove(stuck, 0, 600_000);
    expect(verdict).toMatchObject({ passed: false, value: 300 });
    expect(verdict.detail).toContain('worker-2 has one value for 300 s from 240 s');
    // A scrape that came late is repeated once.
    expect(
      gates.metricsMove(
        ofNode('worker-1', 600, (step) => Math.floor(step / 2)),
        0,
        600_000,
      ).passed,
    ).toBe(true);
    expect(gates.metricsMove([], 0, 600_000).passed).toBe(true);
  });

  it('trips when another variant is live', () => {
    expect(gates.variantLive('end', 'v', ['spec.minReplicas: 2'])).toMatchObject({
      gate: 'variant-live-end',
      passed: false,
      value: 1,
    });
  });

  it('trips when the delay is not the one asked for, configured or measured', () => {
    expect(gates.delayInPlace('after', NETEM, 0.3, { configuredMs: 0, roundTripMs: 5.3 }).passed).toBe(false);
    expect(gates.delayInPlace('after', NETEM, 0.3, { configuredMs: 5, roundTripMs: 0.3 }).passed).toBe(false);
  });

  it('says of a wrong delay what to do where it is made: no tc on a laptop, whose relay makes it', () => {
    const late = { configuredMs: 5, roundTripMs: 90 };
    const [local, cluster] = [new RelayDelay(5), new NetemDelay({ device: 'eth0', delayMs: 5 })];
    expect(gates.delayInPlace('before', local, 0.3, late).remedy).toMatch(/^Free this machine from other work/);
    expect(gates.delayInPlace('before', cluster, 0.3, late).remedy).toContain('"tc qdisc show"');
    expect(gates.delayInPlace('before', cluster, 0.3, { ...late, roundTripMs: 5.4 }).remedy).toBeUndefined();
  });
});
