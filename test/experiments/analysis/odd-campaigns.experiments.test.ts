import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport } from '../../../experiments/analysis';
import type { Trial } from '../../../experiments/plan';
import type { CheckedReport } from './prose/checked-report';
import { contradictions } from './prose/checker';
import { writeCampaign, type SimulatedTrial } from './queueing-campaign';

const scale = { rate: 0.5, duration: 0.1 };
const PART =
  /^((replica-count\.\w+|benchmark\.fs)\.[\w-]+\.(average|breakpoint)|minimum-replicas\.uor\.[\w-]+\.(spike|breakpoint))\./;

jest.setTimeout(120_000);

/** Refuses the requests that are chosen. */
function refusing(one: SimulatedTrial, chosen: (index: number) => boolean): SimulatedTrial {
  const refused = (index: number) => one.errors[index] === 0 && chosen(index);
  return {
    ...one,
    errors: one.errors.map((error, index) => (refused(index) ? 3 : error)),
    status: one.status.map((status, index) => (refused(index) ? 503 : status)),
  };
}

/** Campaigns as no healthy system makes them, and as one that is broken may. */
const CAMPAIGNS: Readonly<Record<string, (one: SimulatedTrial, trial: Trial) => SimulatedTrial>> = {
  'refuses every request': (one) => refusing(one, () => true),
  'answers a single request': (one) => refusing(one, (index) => index !== 3),
  'refuses every second request': (one) => refusing(one, (index) => index % 2 === 0),
  'refuses everything in the reference alone': (one, { variant }) =>
    refusing(one, () => /-1(-1)?$|cluster/.test(variant.name)),
  'answers everything after the same time': (one) => ({ ...one, waitingMs: one.waitingMs.map(() => 40) }),
  'answers everything at once': (one) => ({
    ...one,
    waitingMs: new Float32Array(one.count),
    connectingMs: new Float32Array(one.count),
  }),
};

describe.each(Object.keys(CAMPAIGNS))('The report of a system that %s', (name) => {
  it.each([3, 1])(
    'contradicts none of its tables, and holds no figure that is none: %d trials a cell',
    async (most) => {
      const root = mkdtempSync(join(tmpdir(), 'odd-campaign-'));
      try {
        const only = ({ id, repetition }: Trial) => PART.test(id) && repetition <= most;
        writeCampaign(root, { scale, only, change: CAMPAIGNS[name] });
        const analysis = await analyseCampaign(root);
        const [json] = await writeReport(analysis, 'json', join(root, 'report.json'));
        const [html] = await writeReport(analysis, 'html', join(root, 'report.html'));
        const report = JSON.parse(readFileSync(json!, 'utf8')) as CheckedReport;
        expect(report.answers.length).toBeGreaterThan(5);
        expect(contradictions(report)).toEqual([]);
        const page = readFileSync(html!, 'utf8').replaceAll(/<script[^]*?<\/script>/g, '');
        expect(page.match(/\b(NaN|Infinity|undefined)\b|\[object /g)).toBeNull();
        const said = report.answers.flatMap(({ sentences }) => sentences).join('\n');
        expect(said).toContain('Under climbing load');
        if (/^(refuses every request|answers a single)/.test(name)) expect(said).not.toContain('it holds up to');
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  );
});
