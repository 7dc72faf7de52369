import { parse } from 'yaml';
import { expandTrials } from '../../../../experiments/plan';
import { AS_PLANNED, trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { summariseTrial } from '../../../../experiments/rehearsal/campaign/trial-summary';
import { drawCandidates, neighbours, SIGNAL_NAMES } from '../../../../experiments/rehearsal/search/candidates';
import { heldAgainst, parseObjective } from '../../../../experiments/rehearsal/search/objective';
import { policyManifest } from '../../../../experiments/rehearsal/search/policy-manifest';
import {
  keepsObjective,
  searchPolicy,
  SIGNAL_PARTS_MILLICORES,
} from '../../../../experiments/rehearsal/search/policy-search';
import { simulateTrial } from '../../../../experiments/rehearsal/trial/trial-simulation';

jest.setTimeout(60_000);

test('an objective is read as people state it', () => {
  expect(parseObjective('99 % of retrievals under 300 ms over the spike')).toEqual({
    measure: 'share',
    thousandths: 990,
    limitMs: 300,
    profile: 'spike',
    testType: 'uor',
  });
  expect(parseObjective('99.5% of the solves under 4 s over breakpoint')).toMatchObject({
    thousandths: 995,
    limitMs: 4000,
    testType: 'fs',
  });
  expect(parseObjective('50 % of requests under 1 s over the average').testType).toBeUndefined();
});

test.each([
  '100 % of retrievals under 300 ms over the spike',
  '0 % of retrievals under 300 ms over the spike',
  '99.95 % of retrievals under 300 ms over the spike',
  '99 % of sign-ins under 300 ms over the spike',
  '99 % of toString under 300 ms over the spike',
  '99 % of retrievals under 0 ms over the spike',
  '99 % of retrievals under 300 ms over the moon',
  '99 retrievals under 300 ms over the spike',
])('"%s" is refused with what is understood', (text) => {
  expect(() => parseObjective(text)).toThrow(/is not understood: write a share, a limit and a profile/);
});

test('a share is one of all requests: those that fail are too slow', () => {
  const [trial] = expandTrials(undefined, 1, { variants: ['fs-replicas-1-1'], profiles: ['spike'], repetitions: 1 });
  const summary = summariseTrial(trial, simulateTrial(trialInput(trial, 1, AS_PLANNED)));
  const answered = 1 - summary.failed / summary.requests;
  expect(summary.failed).toBeGreaterThan(0);
  const within = (percent: number) =>
    heldAgainst(parseObjective(`${percent} % of solves under 1 s over the spike`), summary);
  const [some, all] = [Math.floor(answered * 100), Math.ceil(answered * 100)];
  expect(within(some)).toBeLessThan(Infinity);
  expect(within(Math.min(all, 99))).toBe(all > 99 ? within(99) : Infinity);
  // Half of all requests are more than half of the successful ones.
  expect(within(50)).toBeGreaterThan(summary.p50!);
});

test('a share allows the failures that it leaves room for, a percentile hardly any', () => {
  const rated = { latencyMs: 250, failed: 0.009 };
  expect(keepsObjective(rated, parseObjective('99 % of retrievals under 300 ms over the spike'))).toBe(true);
  expect(keepsObjective(rated, parseObjective('p99 < 300 ms at spike'))).toBe(false);
  expect(keepsObjective(rated, parseObjective('99 % of retrievals under 200 ms over the spike'))).toBe(false);
});

test('a search among signals proposes one to paste, with what its parts cost', async () => {
  const options = { testType: 'fs', candidates: 2, seed: 1, threads: 0, departure: AS_PLANNED } as const;
  const objective = parseObjective('95 % of solves under 20 s over the spike');
  const { front, proposal } = await searchPolicy({ ...options, objective, signals: true });
  expect(front.every(({ candidate }) => SIGNAL_NAMES.includes(candidate.signal!))).toBe(true);
  expect(proposal!.latencyMs).toBeLessThan(20_000);
  expect(SIGNAL_PARTS_MILLICORES).toBe(100);
});

test('the policy of a signal names it for each workload, the rate by what a pod of that workload can do', () => {
  const [candidate] = drawCandidates(1, 'fs', 1, true);
  const manifests = policyManifest({ ...candidate, signal: 'request rate' }, 'fs')
    .split('---\n')
    .map((text) => parse(text));
  expect(manifests.map(({ spec }) => spec.metrics)).toEqual(
    [
      ['django-api', '6700m'],
      ['idaes', '740m'],
    ].map(([workload, averageValue]) => [
      {
        type: 'External',
        external: {
          metric: { name: 'requests_per_second', selector: { matchLabels: { workload } } },
          target: { type: 'AverageValue', averageValue },
        },
      },
    ]),
  );
  expect(neighbours(candidate).filter(({ signal }) => signal !== candidate.signal)).toHaveLength(4);
});
