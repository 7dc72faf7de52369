import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(60_000);

/** Four pods that serve a request in 28 ms, up to 3 % more or less in one trial. */
const CAPACITY = 4 / 0.028;

describe('A climbing load that was aborted', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'aborted-'));
    writeCampaign(root, { only: ({ id }) => id === 'replica-count.uor.uor-replicas-4.breakpoint.1' });
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('has its breakpoint where the pods are full, though the requests in flight were given up', async () => {
    const { cells } = await analyseCampaign(root);
    const [{ measures, series }] = cells[0].trials;
    const givenUp = measures.failures.find(({ error }) => error === 'interrupted')?.requests ?? 0;
    // So few of all that the share of failures does not show them: only their being inside does.
    expect(givenUp).toBeGreaterThan(80);
    expect(givenUp / measures.due).toBeLessThan(0.01);
    expect(series.in_flight[Math.floor(measures.loadSeconds) - 1]).toBeGreaterThan(80);
    expect(measures.changePoint?.rate).toBeGreaterThan(0.95 * CAPACITY);
    expect(measures.changePoint?.rate).toBeLessThan(1.05 * CAPACITY);
  });
});
