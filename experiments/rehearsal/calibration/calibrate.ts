import { groupBy } from '../../../lib/primitives/group-by';
import { CampaignFolder } from '../../campaign';
import type { TestType } from '../../plan';
import { clusterModel } from '../model/default-model';
import type { RequestModel, SystemModel } from '../model/system-model';
import { baseModel, calibrated, type Calibration } from './calibrated-model';
import { readMeasuredTrials, type MeasuredTrial } from './measured-trial';
import { predictTrial } from './prediction';
import { networkTimes, quantilesOf, serviceTimes } from './service-times';

/** Points of the fitted distribution: steps of 1 %. */
const QUANTILES = 101;
/** Fewer requests than this say too little about a median: its 95 % interval spans the middle third of them. */
const FEWEST_REQUESTS = 40;
/** Fewer requests than this say too little about a tail, which is told. */
export const FEWEST_OF_A_TAIL = 100;
/** Shares of the busiest station that the fit tries. */
const SHARES = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99];

/**
 * Learns the service model from a measured campaign: service times from requests that found the server idle, their division
 * over the stations from the simulation that comes nearest to the measured medians and 95th percentiles.
 *
 * @throws Error when too few of the requests seen (`isSeen`, by default all) found the server idle.
 */
export async function calibrate(
  folder: string,
  includeInvalid: boolean,
  isSeen: (trial: MeasuredTrial) => boolean = () => true,
): Promise<Calibration> {
  const { manifest } = CampaignFolder.open(folder);
  const trials = (await readMeasuredTrials(folder, includeInvalid)).filter(isSeen);
  if (trials.length === 0)
    throw new Error(`${folder} has no trial of those experiments to learn from: see its plan.json.`);
  const site = manifest.settings?.site ?? 'cluster';
  const cores = site === 'cluster' ? clusterModel().nodes[0].cores : coresOf(manifest.environment);
  let calibration: Calibration = {
    calibration: 1,
    campaign: manifest.campaign,
    site,
    cores,
    network: networkTimes(trials),
    ...spreadOf(trials),
    requests: {},
  };
  for (const testType of ['uor', 'fs'] as const) {
    const ofType = trials.filter(({ record }) => record.testType === testType);
    if (ofType.length > 0) calibration = fitTestType(calibration, testType, ofType);
  }
  return calibration;
}

/**
 * How far trials of the same variant and profile differ: the pooled standard deviation of the logarithms of their median
 * service times, taken from requests that found the server idle, so that queues add nothing to it.
 */
export function spreadOf(trials: readonly MeasuredTrial[]): { betweenTrials?: number } {
  const { roundTripMs } = networkTimes(trials);
  const medians = trials.flatMap((trial) => {
    const times = serviceTimes(trial, roundTripMs);
    if (times.length < FEWEST_OF_A_TAIL / 2) return [];
    const { experiment, testType, variant, profile } = trial.record;
    return [{ cell: [experiment, testType, variant, profile].join(' '), value: Math.log(quantilesOf(times, 3)[1]) }];
  });
  let squares = 0;
  let freedom = 0;
  for (const ofCell of groupBy(medians, (median) => median.cell).values()) {
    const cell = ofCell.map(({ value }) => value);
    const mean = cell.reduce((sum, value) => sum + value, 0) / cell.length;
    squares += cell.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    freedom += cell.length - 1;
  }
  return freedom === 0 ? {} : { betweenTrials: Math.sqrt(squares / freedom) };
}

function fitTestType(calibration: Calibration, testType: TestType, trials: readonly MeasuredTrial[]): Calibration {
  const alone = trials.flatMap((trial) => serviceTimes(trial, calibration.network.roundTripMs));
  if (alone.length < FEWEST_REQUESTS) {
    throw new Error(
      `Only ${alone.length} ${testType} requests found the server idle, ${FEWEST_REQUESTS} are needed: ` +
        `calibrate on a campaign that has the average profile too.`,
    );
  }
  const { shares } = baseModel(calibration).requests[testType];
  const withShares = (divided: RequestModel['shares']): Calibration => ({
    ...calibration,
    requests: {
      ...calibration.requests,
      [testType]: { serviceMs: quantilesOf(alone, QUANTILES), shares: divided, requests: alone.length },
    },
  });
  const candidates = [shares, ...SHARES.map((busiest) => divide(shares, busiest))].map((divided) => {
    const candidate = withShares(divided);
    return { candidate, distance: distanceTo(trials, calibrated(baseModel(candidate), candidate)) };
  });
  const nearest = Math.min(...candidates.map(({ distance }) => distance));
  // Where load is low all divisions do equally well: then the assumed one, which comes first, stays.
  const [{ candidate }] = candidates.filter(({ distance }) => distance <= nearest + 0.01);
  return candidate;
}

/** Mean distance of predicted from measured median and 95th percentile, as a natural logarithm (0.1 is about 10 %). */
function distanceTo(trials: readonly MeasuredTrial[], model: SystemModel): number {
  const distances = trials.flatMap((trial) => {
    const { predicted, measured } = predictTrial(trial, model, 1);
    return (['p50', 'p95'] as const).map((measure) => Math.abs(Math.log(predicted[measure] / measured[measure])));
  });
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

/** The same order of sizes, with the busiest station taking `share` of the whole. */
function divide(shares: RequestModel['shares'], share: number): RequestModel['shares'] {
  if (shares.idaes > 0) {
    const factor = (1 - share) / (1 - shares.idaes);
    return {
      djangoBefore: shares.djangoBefore * factor,
      postgres: shares.postgres * factor,
      idaes: share,
      djangoAfter: shares.djangoAfter * factor,
    };
  }
  return { djangoBefore: share / 2, postgres: 1 - share, idaes: 0, djangoAfter: share / 2 };
}

/** The runner writes the host as "2 cores, 8 GiB, …". */
function coresOf(environment: Readonly<Record<string, string>>): number {
  const cores = /^(\d+) cores/.exec(environment.host ?? '')?.[1];
  if (cores === undefined)
    throw new Error('campaign.json does not say how many cores the host has (environment.host).');
  return Number(cores);
}
