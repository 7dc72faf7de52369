import { ENDPOINTS, loadOfTrial, type ArrivalProcess, type LoadScale, type Trial } from '../../plan';
import type { Load } from '../../workload';

/**
 * The load of a trial as a generator takes it.
 *
 * @param told Seed of the campaign, and the scale and the process of its arrivals.
 */
export function loadOf(
  trial: Trial,
  { seed, scale, arrivals: process }: { seed: number; scale: LoadScale; arrivals?: ArrivalProcess | undefined },
  url: string,
  flowsheet: string,
  headers: Readonly<Record<string, string>> = {},
): Load {
  const { stages, abortAboveVirtualUsers, arrivals } = loadOfTrial(trial, seed, process, scale);
  const { method, path } = ENDPOINTS[trial.testType];
  const owner = /^\d+$/.test(flowsheet) ? Number(flowsheet) : flowsheet;
  const body = method === 'POST' ? { body: JSON.stringify({ flowsheetOwner: owner }) } : {};
  return {
    trial: trial.id,
    stages,
    ...(abortAboveVirtualUsers === undefined ? {} : { abortAboveVirtualUsers }),
    ...(arrivals === undefined ? {} : { arrivals }),
    request: {
      method,
      url: url + path.replace('{id}', encodeURIComponent(flowsheet)),
      headers: {
        accept: 'application/json',
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...body,
    },
  };
}
