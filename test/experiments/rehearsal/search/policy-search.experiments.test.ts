import { AS_PLANNED } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { searchPolicy } from '../../../../experiments/rehearsal/search/policy-search';

test('a search proposes the cheapest policy that keeps the objective, and none where none does', async () => {
  const options = { testType: 'fs', candidates: 6, seed: 2, threads: 0, departure: AS_PLANNED } as const;
  const { front, proposal, onFullNodes } = await searchPolicy({
    ...options,
    objective: { measure: 'p95', limitMs: 8000, profile: 'spike' },
  });
  expect(proposal?.latencyMs).toBeLessThan(8000);
  // What it would keep if nothing were idle is told beside it, unless that is what was searched for.
  expect(onFullNodes?.candidate).toEqual(proposal?.candidate);
  expect(onFullNodes?.latencyMs).toBeGreaterThanOrEqual(proposal!.latencyMs);
  const cheaper = front.filter(({ coreSeconds }) => coreSeconds < (proposal?.coreSeconds as number));
  expect(cheaper.every(({ latencyMs }) => latencyMs >= 8000)).toBe(true);
  const impossible = await searchPolicy({
    ...options,
    candidates: 1,
    objective: { measure: 'p95', limitMs: 1, profile: 'spike' },
  });
  expect(impossible.proposal).toBeUndefined();
  expect(impossible.onFullNodes).toBeUndefined();
}, 60_000);
