import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CampaignFolder, SCHEMA_VERSION } from '../../../../experiments/campaign';
import { expandTrials, type ProfileName } from '../../../../experiments/plan';
import { calibrate } from '../../../../experiments/rehearsal/calibration/calibrate';
import { calibrated, readCalibration } from '../../../../experiments/rehearsal/calibration/calibrated-model';
import { departureWith } from '../../../../experiments/rehearsal/calibration/override';
import { readMeasuredTrials } from '../../../../experiments/rehearsal/calibration/measured-trial';
import { predictTrial, relativeError } from '../../../../experiments/rehearsal/calibration/prediction';
import { writeTrial } from '../../../../experiments/rehearsal/campaign/trial-files';
import { AS_PLANNED, trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { toTrialRecord } from '../../../../experiments/rehearsal/campaign/trial-summary';
import { clusterModel } from '../../../../experiments/rehearsal/model/default-model';
import type { SystemModel } from '../../../../experiments/rehearsal/model/system-model';
import { simulateTrial } from '../../../../experiments/rehearsal/trial/trial-simulation';

// Seconds on an idle machine, more on a busy one.
jest.setTimeout(60_000);

let root: string;
beforeEach(() => (root = mkdtempSync(path.join(os.tmpdir(), 'calibration-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const CLUSTER = clusterModel();

/** A system that differs from the assumed one, which calibration does not know. */
const UNKNOWN: SystemModel = {
  ...CLUSTER,
  network: { ...CLUSTER.network, addedDelayMs: 12 },
  requests: {
    ...CLUSTER.requests,
    uor: {
      ...CLUSTER.requests.uor,
      total: { kind: 'uniform', min: 12, max: 28 },
      shares: { djangoBefore: 0.3, postgres: 0.4, idaes: 0, djangoAfter: 0.3 },
    },
  },
};

/** A campaign as if it had been measured on the unknown system: one replica, the given profiles. */
function measure(
  name: string,
  profiles: readonly ProfileName[],
  origin: 'measured' | 'rehearsed' = 'measured',
): string {
  const folder = path.join(root, name);
  const trials = expandTrials(undefined, 1, { variants: ['uor-replicas-1'], profiles: [...profiles], repetitions: 1 });
  CampaignFolder.create(folder, {
    schemaVersion: SCHEMA_VERSION,
    campaign: name,
    origin,
    createdAt: '2026-01-01T00:00:00Z',
    seed: 1,
    gitCommit: 'none',
    order: trials.map(({ id }) => id),
    environment: {},
  });
  for (const trial of trials) {
    const scale = { rate: 1, duration: 0.2 };
    const input = trialInput(trial, 99, { ...AS_PLANNED, model: () => UNKNOWN }, scale);
    const result = simulateTrial(input);
    writeTrial(folder, { ...toTrialRecord(trial, input, result, 0, scale), origin }, result);
  }
  return folder;
}

test('a calibration finds the service times of a system it does not know, and predicts a load it has not seen', async () => {
  const calibration = await calibrate(measure('average', ['average']), false);
  expect(calibration.network.roundTripMs).toBeCloseTo(12.4, 1);
  const times = calibration.requests.uor?.serviceMs as number[];
  // 12 to 28 ms of service, and what gateway and pooler add to it.
  expect(times[50]).toBeGreaterThan(20 * 0.97);
  expect(times[50]).toBeLessThan(20 * 1.1);

  const model = calibrated(CLUSTER, calibration);
  const [stress] = await readMeasuredTrials(measure('stress', ['stress']), false);
  const { predicted, measured } = predictTrial(stress, model, 1);
  for (const measured_ of ['p50', 'p95'] as const) {
    expect(Math.abs(relativeError(predicted[measured_], measured[measured_]))).toBeLessThan(0.1);
  }
  // The assumed model, uncalibrated, is further off than that: the fit is what does it.
  const assumed = predictTrial(stress, CLUSTER, 1).predicted;
  expect(Math.abs(relativeError(assumed.p50, measured.p50))).toBeGreaterThan(0.1);
});

test('only what it may see teaches it, and where that is nothing it says so', async () => {
  const campaign = measure('both', ['average', 'stress']);
  const average = await calibrate(campaign, false, ({ record }) => record.profile === 'average');
  const both = await calibrate(campaign, false);
  expect(average.requests.uor!.requests).toBeLessThan(both.requests.uor!.requests);
  await expect(calibrate(campaign, false, () => false)).rejects.toThrow('no trial of those experiments to learn from');
});

test('a rehearsal, and a folder without a campaign, are refused as sources, each in a sentence', async () => {
  await expect(calibrate(measure('rehearsed', ['average'], 'rehearsed'), false)).rejects.toThrow(
    'was rehearsed, not measured',
  );
  await expect(calibrate(path.join(root, 'nothing'), false)).rejects.toThrow('holds no campaign');
});

test('a calibration file of another machine or shape is refused, naming file and field', async () => {
  const calibration = await calibrate(measure('average', ['average']), false);
  const file = path.join(root, 'calibration.json');
  writeFileSync(file, JSON.stringify(calibration));
  expect(readCalibration(file)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  expect(departureWith(AS_PLANNED, file).model(CLUSTER).requests.uor.total.kind).toBe('quantiles');

  writeFileSync(file, JSON.stringify({ ...calibration, site: 'local' }));
  expect(() => departureWith(AS_PLANNED, file)).toThrow('learnt from a local trial');
  writeFileSync(file, JSON.stringify({ ...calibration, site: 'live' }));
  expect(() => departureWith(AS_PLANNED, file)).toThrow('learnt from the live cluster of one machine');
  writeFileSync(file, JSON.stringify({ ...calibration, cores: 'four' }));
  expect(() => readCalibration(file)).toThrow(/calibration\.json, field cores: /);
});
