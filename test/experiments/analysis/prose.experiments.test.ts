import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport } from '../../../experiments/analysis';
import { FULL_SCALE, type TrialFilter } from '../../../experiments/plan';
import { rehearse } from '../../../experiments/rehearsal/campaign/rehearse';
import { contradictions, type CheckedReport } from './prose-checker';

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

  it('is caught where a count, a name, a figure or a winner is made up', () => {
    const broken = (change: (sentence: string) => string) =>
      contradictions({
        answers: report.answers.map((answer) => ({ ...answer, sentences: answer.sentences.map(change) })),
      });
    expect(broken((one) => one.replace(/tell \d+ of/, 'tell 97 of'))).not.toEqual([]);
    expect(broken((one) => one.replace(/: [\w-]+ (\d+ %|\d+ times)/, ': nobody $1'))).not.toEqual([]);
    expect(broken((one) => `${one.replace(/\.$/, '')}, and 12.3 (11 to 14) ms.`)).not.toEqual([]);
    expect(broken((one) => one.replace('.', ', the best.'))).not.toEqual([]);
  });
});
