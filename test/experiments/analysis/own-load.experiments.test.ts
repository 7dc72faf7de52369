import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import { planOf, type TrialRecord } from '../../../experiments/campaign';
import { planned } from './planted-trial';
import { manifest, simulateTrial, writeTrial, type SimulatedTrial } from './queueing-campaign';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'own-load-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let campaigns = 0;

const SPOILT = 'replica-count.uor.uor-replicas-4.average.1';
const WHOLE = 'replica-count.uor.uor-replicas-4.average.2';
const scale = { rate: 0.5, duration: 0.1 };
const played = (id: string): SimulatedTrial => ({ ...simulateTrial(planned(id), { scale }), replicas: [[0, 4, 4]] });

/** The campaign of a spoilt trial and a whole one: what was found, and the spoilt trial's figures where it counts. */
async function found(change: (trial: SimulatedTrial) => SimulatedTrial, overrides: Partial<TrialRecord> = {}) {
  const path = join(root, String(campaigns++));
  mkdirSync(join(path, 'trials'), { recursive: true });
  writeFileSync(join(path, 'plan.json'), JSON.stringify(planOf([])));
  writeFileSync(join(path, 'campaign.json'), JSON.stringify(manifest([planned(SPOILT), planned(WHOLE)])));
  writeTrial(path, planned(SPOILT), change(played(SPOILT)), { overrides, scale });
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
      /1 requests have no error, but a status/,
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
  ])('%s', async (_, change, reason) => {
    const { measures, sentences } = await found(change);
    expect(measures).toBeUndefined();
    expect(sentences.join('\n')).toMatch(reason);
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

it('replicas that were not watched from the start are unknown, not none', async () => {
  const { measures, sentences } = await found((one) => ({ ...one, replicas: [[10, 4, 4]] }));
  expect(measures?.reservedCoreSeconds).toBeNull();
  expect(sentences.join('\n')).toContain('does not hold django-api from the start of its load');
  expect((await found((one) => one)).measures?.reservedCoreSeconds).toBeCloseTo(240, 6);
});
