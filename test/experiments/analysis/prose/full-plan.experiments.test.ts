import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport } from '../../../../experiments/analysis';
import { EXPERIMENTS, FULL_SCALE, REPETITIONS } from '../../../../experiments/plan';
import { rehearse } from '../../../../experiments/rehearsal/campaign/rehearse';
import { figure, text, type CheckedReport } from './checked-report';
import { contradictions } from './checker';

// All trials of the plan: about two minutes on two idle cores.
jest.setTimeout(1_800_000);

const root = mkdtempSync(join(tmpdir(), 'full-plan-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('The full plan, rehearsed', () => {
  let report: CheckedReport;
  let html: string;

  beforeAll(async () => {
    const folder = join(root, 'campaign');
    await rehearse({ folder, seed: 21, scale: FULL_SCALE, threads: 2 });
    const analysis = await analyseCampaign(folder);
    const [file] = await writeReport(analysis, 'json', join(root, 'report.json'));
    report = JSON.parse(readFileSync(file, 'utf8')) as CheckedReport;
    const [page] = await writeReport(analysis, 'html', join(root, 'report.html'));
    html = readFileSync(page, 'utf8').split('<script type="application/json" id="plots">')[0];
  });

  it('has no empty cell: what overwhelms the system counts, as saturated', () => {
    const planned = EXPERIMENTS.flatMap(({ name, testType, variants, profiles }) =>
      variants.flatMap((variant) => profiles.map((profile) => `${name}.${testType}.${variant.name}.${profile}`)),
    );
    const trials = new Map(
      report.cells.rows.map((row) => [
        ['experiment', 'testType', 'variant', 'profile'].map((key) => text(row[key])).join('.'),
        figure(row['trials']).value,
      ]),
    );
    expect(planned.filter((cell) => trials.get(cell) !== REPETITIONS)).toEqual([]);
    expect(report.findings.filter(({ excluded }) => excluded)).toEqual([]);
    // The loads of the tables do overwhelm some variants: nothing of this would be shown by a plan that never does.
    expect(report.cells.rows.filter((row) => figure(row['saturated']).value! > 0).length).toBeGreaterThan(20);
  });

  it('answers every question, or says why it cannot and what to do', () => {
    expect(report.answers.length).toBeGreaterThan(20);
    const unanswered = report.answers.filter(({ unanswerable }) => unanswerable !== undefined).map(({ id }) => id);
    // A simulation plays no CPU limit, no disk and no other traffic.
    expect(unanswered).toEqual(['resource-pressure']);
    const told = report.answers.flatMap(({ sentences, notes, unanswerable = '' }) => [
      unanswerable,
      ...sentences,
      ...notes,
    ]);
    const open = told.filter((one) =>
      /not answerable|nothing can be held|cannot be fitted|no breakpoint is known/i.test(one),
    );
    expect(open.length).toBeGreaterThan(0);
    expect(open.filter((one) => !/(because|:) .+remedy: .+/i.test(one))).toEqual([]);
  });

  it('says in no sentence what its tables do not', () => {
    expect(contradictions(report)).toEqual([]);
  });

  it('says on its first page how sure each answer is', () => {
    const page = html.slice(html.indexOf('id="verdicts"'), html.indexOf('<dl class="facts">'));
    const rows = [...page.matchAll(/<tr[^>]*><th scope="row">.*?<\/tr>/gs)].map(([row]) =>
      [...row.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell.replaceAll(/<[^>]+>/g, '').trim()),
    );
    expect(rows).toHaveLength(report.answers.length);
    expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
  });
});
