import { setTimeout as sleep } from 'node:timers/promises';
import { ENDPOINTS, WARM_UP, type TestType } from '../../plan';
import { learnAnswer, probe, type ExpectedAnswer, type LoadRequest, type ProbeResult } from '../../workload';
import { AttemptFailure } from './ports';
import { SessionRefused } from './session';

/**
 * Sends the plan's warm-up, shrunk as the load is, and learns what an answer must be.
 *
 * @throws {AttemptFailure} when answers fail or are not what the endpoint states, {SessionRefused} for an unknown sender.
 */
export async function warmUp(
  testType: TestType,
  request: LoadRequest,
  duration: number,
  signal: AbortSignal,
): Promise<ExpectedAnswer> {
  const send = probe(request);
  const interval = (WARM_UP.seconds * 1000 * Math.min(1, duration)) / WARM_UP.requests;
  const results: ProbeResult[] = [];
  for (let sent = 0; sent < WARM_UP.requests; sent++) {
    const started = performance.now();
    results.push(await send());
    await sleep(Math.max(0, interval - (performance.now() - started)), undefined, { signal });
  }
  return learn(results, testType);
}

function learn(results: readonly ProbeResult[], testType: TestType): ExpectedAnswer {
  const refused = results.find(({ status, error }) => error === 'redirect' || [401, 403, 407].includes(status));
  if (refused !== undefined) throw new SessionRefused(`a request of the warm-up was answered ${refused.status}`);
  const failed = results.filter(({ error }) => error !== null);
  if (failed.length > 0) {
    const { error, status } = failed[0]!;
    const how = error === 'status' ? `status ${status}` : error;
    throw new AttemptFailure(
      'warm-up',
      `${failed.length} of ${results.length} requests of the warm-up failed (${how}): the system was not ready for load.`,
    );
  }
  try {
    return learnAnswer(
      results.map(({ answer }) => answer!),
      ENDPOINTS[testType].answer,
    );
  } catch (error) {
    throw new AttemptFailure('answer-learnt', `Before the load ${(error as Error).message}.`);
  }
}
