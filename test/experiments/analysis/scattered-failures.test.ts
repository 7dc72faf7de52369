import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(60_000);

describe('Failures scattered over a climbing load', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'scattered-'));
    // Eight pods keep up with the whole climb; one request in 150 fails all along, within the share that is tolerated.
    writeCampaign(root, { only: ({ id }) => id === 'replica-count.uor.uor-replicas-8.breakpoint.1', failing: 1 / 150 });
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('are no breakpoint, though their sum grows with the square of time as a backlog does', async () => {
    const [{ measures }] = (await analyseCampaign(root)).cells[0].trials;
    expect(measures.failed).toBeGreaterThan(200);
    expect(measures.errorShare).toBeLessThan(0.01);
    expect(measures.changePoint).toBeNull();
  });
});
