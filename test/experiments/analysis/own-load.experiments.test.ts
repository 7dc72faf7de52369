import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import { planOf, type TrialRecord } from '../../../experiments/campaign';
import { planned } from './planted-trial';
import { manifest, simulateTrial, writeTrial, type MetricRow, type SimulatedTrial } from './queueing-campaign';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'own-load-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let campaigns = 0;

const SPOILT = 'replica-count.uor.uor-replicas-4.average.1';
const WHOLE = 'replica-count.uor.uor-replicas-4.average.2';
const scale = { rate: 0.5, duration: 0.1 };
const played = (id: string): SimulatedTrial => ({ ...simulateTrial(planned(id), { scale }), replicas: [[0, 4, 4]] });

/** The campaign of a spoilt trial and a whole one: what was found, and the spoilt trial's figures where it counts. */
async function found(
  change: (trial: SimulatedTrial) => SimulatedTrial,
  overrides: Partial<TrialRecord> = {},
  more: readonly MetricRow[] = [],
) {
  const path = join(root, String(campaigns++));
  mkdirSync(join(path, 'trials'), { recursive: true });
  writeFileSync(join(path, 'plan.json'), JSON.stringify(planOf([])));
  writeFileSync(join(path, 'campaign.json'), JSON.stringify(manifest([planned(SPOILT), planned(WHOLE)])));
  writeTrial(path, planned(SPOILT), change(played(SPOILT)), { overrides, scale, moreMetrics: () => more });
  writeTrial(path, planned(WHOLE), played(WHOLE), { scale });
  const { cells, findings } = await analyseCampaign(path);
  return {
    measures: cells.flatMap(({ trials }) => trials).find(({ input }) => input.folder === SPOILT)?.measures,
    sentences: findings.filter(({ trial }) => trial === SPOILT).map(({ sentence }) => sentence),
  };
}

/** The same trial with some of its requests, in another order or more than once. */
function withRequests(trial: SimulatedTrial, indices: readonly number[]): SimulatedTrial {
  const pick = <T extends Float64Array | Float32Array | Int16Array | Uint8Array>(column: T) =>
    (column.constructor as unknown as { from(values: number[]): T }).from(indices.map((index) => column[index]));
  return {
    ...trial,
    count: indices.length,
    scheduled: pick(trial.scheduled),
    started: pick(trial.started),
    waitingMs: pick(trial.waitingMs),
    connectingMs: pick(trial.connectingMs),
    status: pick(trial.status),
    errors: pick(trial.errors),
  };
}

const indices = ({ count }: SimulatedTrial) => Array.from({ length: count }, (_, index) => index);
const shifted = (column: Float64Array, by: number) =>
  column.map((at, index) => (index > column.length / 2 ? at + by : at));

describe('Samples that cannot be those of their load leave their trial out', () => {
  it.each<[string, (trial: SimulatedTrial) => SimulatedTrial, RegExp]>([
    [
      'a tenth of them twice',
      (one) =>
        withRequests(
          one,
          indices(one).flatMap((i) => (i % 10 ? [i] : [i, i])),
        ),
      /47\d requests, but its load has 428/,
    ],
    [
      'half of them missing',
      (one) =>
        withRequests(
          one,
          indices(one).filter((i) => i % 2),
        ),
      /21\d requests, but its load has 428/,
    ],
    [
      'a tenth of the load missing',
      (one) =>
        withRequests(
          one,
          indices(one).filter((i) => Math.abs(one.scheduled[i] - 23) > 3),
        ),
      /but its load has 428/,
    ],
    [
      'the first half missing',
      (one) =>
        withRequests(
          one,
          indices(one).filter((i) => i > one.count / 2),
        ),
      /but its load has 428/,
    ],
    [
      'starts half a minute late',
      (one) => ({ ...one, started: shifted(one.started, 30) }),
      /21\d of 42\d requests started more than 5 s after they were due/,
    ],
    [
      'a clock set half a minute forward',
      (one) => ({ ...one, scheduled: shifted(one.scheduled, 30), started: shifted(one.started, 30) }),
      /due up to \d+ s, but the load ended at 60 s/,
    ],
    [
      '403 without an error',
      (one) => ({ ...one, status: one.status.map((status, i) => (i % 4 ? status : 403)) }),
      /10\d requests have no error, but a status other than/,
    ],
    [
      'no status at all',
      (one) => ({ ...one, status: one.status.map((status, i) => (i === 9 ? 0 : status)) }),
      /1 request has no error, but a status/,
    ],
    [
      'a request of ten days',
      (one) => ({ ...one, waitingMs: one.waitingMs.map((ms, i) => (i === 9 ? 8.64e8 : ms)) }),
      /longer than the 60 s after which the generator gives up/,
    ],
    [
      'a request without an end',
      (one) => ({ ...one, waitingMs: one.waitingMs.map((ms, i) => (i === 9 ? Infinity : ms)) }),
      /have no response time/,
    ],
    [
      'a failed request of ten days',
      (one) => ({
        ...one,
        waitingMs: one.waitingMs.map((ms, i) => (i === 9 ? 8.64e8 : ms)),
        errors: one.errors.map((error, i) => (i === 9 ? 3 : error)),
      }),
      /1 request took longer than the 60 s/,
    ],
    [
      'a status that is none',
      (one) => ({
        ...one,
        status: one.status.map((status, i) => (i === 9 ? -7 : status)),
        errors: one.errors.map((error, i) => (i === 9 ? 3 : error)),
      }),
      /1 request has a status that is none of HTTP/,
    ],
    [
      'one request that starts long after the load',
      (one) => ({ ...one, started: one.started.map((at, i) => (i === one.count - 1 ? at + 1e6 : at)) }),
      /requests started up to 10000\d\d s, but the load ended at 60 s/,
    ],
    [
      'some requests of the warm-up in place of its own',
      (one) => {
        const warm = (column: Float64Array) => column.map((at, i) => (i >= 100 && i < 104 ? at + 0.03 : at));
        return { ...one, scheduled: warm(one.scheduled), started: warm(one.started) };
      },
      /4 requests were due when its schedule has none/,
    ],
    [
      'a few of them twice, and as many missing',
      (one) =>
        withRequests(
          one,
          indices(one).map((i) => (i % 100 === 50 ? i - 1 : i)),
        ),
      /4 requests were due at the moment of another/,
    ],
    [
      'a clock that runs a hundredth too fast',
      (one) => ({
        ...one,
        scheduled: one.scheduled.map((at) => at / 1.01),
        started: one.started.map((at) => at / 1.01),
      }),
      /\d+ requests were due when its schedule has none/,
    ],
  ])('%s', async (_, change, reason) => {
    const { measures, sentences } = await found(change);
    expect(measures).toBeUndefined();
    expect(sentences.join('\n')).toMatch(reason);
  });

  it('a record of another plan, whose load was longer', async () => {
    const { measures, sentences } = await found((one) => one, { scheduledSeconds: 75 });
    expect(measures).toBeUndefined();
    expect(sentences.join('\n')).toContain("its trial.json has a load of 75 s, and the campaign's plan one of 60 s");
  });

  it('a record that describes another variant', async () => {
    const { measures, sentences } = await found((one) => one, { variant: 'uor-replicas-2' });
    expect(measures).toBeUndefined();
    expect(sentences.join('\n')).toContain('its trial.json describes replica-count.uor.uor-replicas-2.average.1');
  });

  it('and no others: order is no sign, nor is a start that comes seconds late', async () => {
    const whole = (await found((one) => one)).measures!;
    const reversed = await found((one) => withRequests(one, indices(one).reverse()));
    expect(reversed.sentences.filter((sentence) => sentence.includes('left out'))).toEqual([]);
    expect(reversed.measures).toMatchObject({ due: whole.due, p95: whole.p95, max: whole.max });
    const late = await found((one) => ({ ...one, started: one.started.map((at) => at + 4) }));
    expect(late.measures).toMatchObject({ due: whole.due });
  });
});

describe('Figures of pods and of monitoring that cannot be leave their trial out', () => {
  const REPLICAS = `replicas.parquet of ${SPOILT} says what cannot be`;
  const METRICS = `metrics.parquet of ${SPOILT} says what cannot be`;

  it.each<[string, SimulatedTrial['replicas'], string]>([
    ['fewer than none', [[0, 4, -4]], `${REPLICAS}: django-api has -4 pods`],
    ['fewer than none wanted', [[0, -1, 4]], `${REPLICAS}: django-api has -1 pods`],
    [
      'fewer than none after the load',
      [
        [0, 4, 4],
        [70, 4, -1],
      ],
      `${REPLICAS}: django-api has -1 pods`,
    ],
    [
      'more than a fixed count, for a while',
      [
        [0, 4, 4],
        [20, 8, 4],
        [35, 4, 4],
      ],
      `${REPLICAS}: django-api has 8 pods during the load, and its variant 4 at most`,
    ],
    ['a million', [[0, 1_000_000, 4]], `${REPLICAS}: django-api has 1000000 pods during the load`],
    [
      'observed at no time',
      [
        [0, 4, 4],
        [Infinity, 4, 4],
      ],
      `${REPLICAS}: 1 observation of django-api has no time`,
    ],
  ])('pods: %s', async (_, replicas, sentence) => {
    const { measures, sentences } = await found((one) => ({ ...one, replicas }));
    expect(sentences.join('\n')).toContain(sentence);
    expect(measures).toBeUndefined();
  });

  const node = (metric: string, value: number): MetricRow => ({
    at: 30,
    metric,
    node: 'worker-1',
    container: null,
    value,
  });

  it.each<[string, MetricRow, string]>([
    ['negative CPU', { ...node('container_cpu_cores', -0.4), container: 'django-api' }, 'container_cpu_cores is -0.4'],
    ['endless CPU', node('node_cpu_cores', Infinity), 'node_cpu_cores is Infinity'],
    ['a million cores', { ...node('node_cpu_cores', 1e6), node: 'worker-3' }, 'node_cpu_cores is 1000000'],
    ['negative memory', node('node_memory_bytes', -1), 'node_memory_bytes is -1'],
    ['memory of no machine', node('node_memory_bytes', 1e18), 'node_memory_bytes is 1000000000000000000'],
    ['traffic of no network', node('node_network_bytes_per_second', 1e15), 'node_network_bytes_per_second is'],
    ['a share in percent', node('container_cfs_throttled_ratio', 37), 'container_cfs_throttled_ratio is 37'],
    ['two values at once', node('node_cpu_cores', 3.21), 'node_cpu_cores has two values at 1 moments'],
  ])('monitoring: %s', async (_, row, sentence) => {
    const { measures, sentences } = await found((one) => one, {}, [row]);
    expect(sentences.join('\n')).toContain(`${METRICS}: ${sentence}`);
    expect(measures).toBeUndefined();
  });

  it('and no others: the same figure twice, idle machines, pods of before the load', async () => {
    const same = node('node_memory_bytes', 2e9);
    const { measures } = await found(
      (one) => ({
        ...one,
        replicas: [
          [-30, 8, 8],
          [-5, 4, 4],
        ],
      }),
      {},
      [same, same, { ...node('node_cpu_cores', 0), node: 'worker-4' }],
    );
    expect(measures?.reservedCoreSeconds).toBeCloseTo(240, 6);
  });
});

it('replicas that were not watched from the start are unknown, not none', async () => {
  const { measures, sentences } = await found((one) => ({ ...one, replicas: [[10, 4, 4]] }));
  expect(measures?.reservedCoreSeconds).toBeNull();
  expect(sentences.join('\n')).toContain('does not hold django-api from the start of its load');
  expect((await found((one) => one)).measures?.reservedCoreSeconds).toBeCloseTo(240, 6);
});
