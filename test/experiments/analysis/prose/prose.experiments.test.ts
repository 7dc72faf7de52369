import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport } from '../../../../experiments/analysis';
import { FULL_SCALE, type TrialFilter } from '../../../../experiments/plan';
import { rehearse } from '../../../../experiments/rehearsal/campaign/rehearse';
import type { CheckedReport } from './checked-report';
import { contradictions } from './checker';
import { plantedInSentences, plantedInTables, type Planted } from './planted';

jest.setTimeout(600_000);

const root = mkdtempSync(join(tmpdir(), 'prose-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function rehearsed(name: string, seed: number, filter: TrialFilter): Promise<CheckedReport> {
  const folder = join(root, name);
  await rehearse({ folder, seed, filter, scale: FULL_SCALE, threads: 2 });
  const [file] = await writeReport(await analyseCampaign(folder), 'json', join(folder, 'report.json'));
  return JSON.parse(readFileSync(file, 'utf8')) as CheckedReport;
}

describe.each([
  ['few-pods', 11, { experiments: ['replica-count', 'minimum-replicas'], testTypes: ['fs'] }],
  [
    'requests-and-targets',
    12,
    { experiments: ['resources', 'replica-count'], testTypes: ['uor'], profiles: ['spike'] },
  ],
  ['one-machine', 13, { experiments: ['benchmark', 'stabilisation-window'], testTypes: ['fs'] }],
] as [string, number, TrialFilter][])('The report of a rehearsed campaign (%s)', (name, seed, filter) => {
  let report: CheckedReport;

  beforeAll(async () => {
    report = await rehearsed(name, seed, filter);
  });

  it('says in no sentence what its tables do not', () => {
    const sentences = report.answers.flatMap((answer) => [...answer.sentences, ...answer.notes]);
    expect(sentences.filter((one) => one.includes('the trials tell')).length).toBeGreaterThan(2);
    expect(contradictions(report)).toEqual([]);
  });

  // Each is checked by itself, so that what else the report says costs nothing.
  const unseen = (planted: readonly Planted[]) =>
    planted
      .filter(({ report: changed }) => {
        const answers = changed.answers.filter((answer, place) => answer !== report.answers[place]);
        return contradictions({ ...changed, answers }).length === 0;
      })
      .map(({ what }) => what);

  it('is caught wherever one number, one name or one verdict of a sentence is another', () => {
    const planted = plantedInSentences(report);
    expect(planted.length).toBeGreaterThan(50);
    expect(unseen(planted)).toEqual([]);
  });

  it('is caught wherever a figure of a table is another than it says, or than it is elsewhere', () => {
    const planted = plantedInTables(report);
    expect(planted.length).toBeGreaterThan(30);
    expect(unseen(planted)).toEqual([]);
  });
});
