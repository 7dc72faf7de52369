import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { clusterModel, liveModel, localModel } from '../model/default-model';
import type { SystemModel } from '../model/system-model';

const share = z.number().min(0).max(1);

const fittedRequests = z.object({
  /** Service times at equally spaced probabilities, milliseconds. */
  serviceMs: z.array(z.number().positive()).min(2),
  shares: z.object({ djangoBefore: share, postgres: share, idaes: share, djangoAfter: share }),
  /** Requests the fit rests on. */
  requests: z.number().int().positive(),
});

const schema = z.object({
  calibration: z.literal(1),
  /** Campaign that it was learnt from. */
  campaign: z.string(),
  /** The machine the times hold for: the cluster, or the one that ran a local trial. */
  site: z.enum(['cluster', 'local', 'live']),
  cores: z.number().int().positive(),
  /** Standard deviation of the factor by which whole trials of one variant and profile differ; absent where none was repeated. */
  betweenTrials: z.number().nonnegative().optional(),
  network: z.object({ roundTripMs: z.number(), connectingMs: z.number(), tlsMs: z.number() }),
  requests: z.object({ uor: fittedRequests.optional(), fs: fittedRequests.optional() }),
});

/** What calibration learnt, as it is kept in a file. */
export type Calibration = z.infer<typeof schema>;

/** @throws Error naming file and field. */
export function readCalibration(file: string): Calibration {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as a calibration: ${(error as Error).message}.`);
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`${file}, field ${issue.path.join('.') || '(all)'}: ${issue.message}. Write it with "calibrate".`);
}

/** The model that a calibration's site starts from. */
export function baseModel({ site, cores }: Pick<Calibration, 'site' | 'cores'>): SystemModel {
  switch (site) {
    case 'local':
      return localModel(cores);
    case 'live':
      return liveModel(cores);
    case 'cluster':
      return clusterModel();
  }
}

/** A model with the calibrated times in place of the assumed ones. */
export function calibrated(model: SystemModel, { network, requests, betweenTrials }: Calibration): SystemModel {
  const fitted = (testType: 'uor' | 'fs') => {
    const fit = requests[testType];
    if (!fit) return model.requests[testType];
    return {
      ...model.requests[testType],
      total: { kind: 'quantiles' as const, values: fit.serviceMs },
      shares: fit.shares,
    };
  };
  const { roundTripMs, connectingMs, tlsMs } = network;
  return {
    ...model,
    network: { ...model.network, roundTripMs, addedDelayMs: 0, connectingMs },
    ...(model.gateway && {
      gateway: { ...model.gateway, handshake: { kind: 'constant', value: Math.max(0, tlsMs - roundTripMs) } },
    }),
    requests: { uor: fitted('uor'), fs: fitted('fs') },
    ...(betweenTrials !== undefined && { betweenTrials }),
    assumed: model.assumed.filter((setting) => setting !== 'trial-spread' || betweenTrials === undefined),
  };
}
