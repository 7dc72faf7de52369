import { scaleOnPaper } from '../../../experiments/rehearsal/scale/scale-on-paper';

test('a small cluster under a rising load breaks at Postgres first, and doubling what breaks bears the load', () => {
  const steps = scaleOnPaper({ nodes: 16, rate: 800, limitMs: 200, seed: 1 });
  expect(steps[0].busiest).toBe('postgres');
  // Three cores by its limit, 6 ms a request: 500 a second, and a little more before the queue has grown.
  expect(steps[0].brokenAt).toBeGreaterThan(450);
  expect(steps[0].brokenAt).toBeLessThan(560);
  // The utilisation law: what breaks is used to its full.
  expect(steps[0].utilisation.postgres).toBeGreaterThan(0.85);
  expect(steps.at(-1)?.brokenAt).toBeUndefined();
  expect(steps.length).toBeGreaterThan(1);
}, 30_000);
