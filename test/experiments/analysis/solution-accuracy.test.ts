import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport } from '../../../experiments/analysis';
import type { TrialRecord } from '../../../experiments/campaign';
import { learnAnswer } from '../../../experiments/workload';
import { comparableNumbers } from '../../../experiments/workload/answer/steady-values';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(60_000);

/** What a site solves: its ids are its own. */
const solution = (ids: number, work: number) => {
  const text = JSON.stringify({
    flowsheetId: ids,
    status: 'optimal',
    units: [
      { id: ids + 1, work, stream: { owner: ids, temperature: 353.1743 } },
      { id: ids + 2, work: 0, stream: { owner: ids, temperature: 80 } },
    ],
  });
  const answer = { mediaType: 'application/json', encoding: '', bytes: text.length, text };
  return comparableNumbers(learnAnswer([answer, answer], 'object').values);
};

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'accuracy-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The answer of the report about a campaign whose sites have solved so. */
async function told(
  cluster?: Record<string, number>,
  machine?: Record<string, number>,
  origin: 'measured' | 'rehearsed' = 'measured',
): Promise<string> {
  const chosen = (id: string) => /^benchmark\.fs\.[^.]*\.average\.[12]$/.test(id);
  writeCampaign(root, { only: ({ id }) => chosen(id), scale: { rate: 0.2, duration: 0.2 }, origin });
  const { order } = JSON.parse(readFileSync(join(root, 'campaign.json'), 'utf8')) as { order: string[] };
  for (const id of order) {
    const file = join(root, 'trials', id, 'trial.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as TrialRecord;
    const stored = id.includes('compose') ? machine : cluster;
    writeFileSync(file, JSON.stringify({ ...record, ...(stored && { solution: stored }) }));
  }
  mkdirSync(join(root, 'out'));
  const [file] = await writeReport(await analyseCampaign(root), 'json', join(root, 'out', 'report.json'));
  const report = JSON.parse(readFileSync(file!, 'utf8')) as { answers: { id: string }[] };
  return JSON.stringify(report.answers.find(({ id }) => id === 'solving-feasibility'));
}

describe('The accuracy of solving on the cluster and on one machine', () => {
  it('is the same where every value agrees, whatever ids the sites gave', async () => {
    const text = await told(solution(100, 3677.95), solution(7, 3677.9502));
    expect(text).toMatch(
      /all 4 values of the solution agree within 0\.01 %, the largest difference is 0\.0000054 % \(\/units\/0\/work\)/,
    );
  });

  it('is not where a value differs, and that one is named', async () => {
    const text = await told(solution(100, 3677.95), solution(7, 3707.65));
    expect(text).toMatch(/1 of 4 values differ by more than 0\.01 %, most \/units\/0\/work with 0\.801 %/);
  });

  it('is not answerable where a site stored none, or they have none in common, with the remedy', async () => {
    expect(await told(solution(100, 1))).toMatch(
      /no trial of one of the sites stored its solution\. Remedy: measure the experiment benchmark of fs on both sites/,
    );
  });

  it('is not answerable by a rehearsal, which solves nothing', async () => {
    expect(await told(undefined, undefined, 'rehearsed')).toMatch(
      /because a rehearsal plays how long solving takes, and solves nothing\. Remedy: measure /,
    );
  });
});
