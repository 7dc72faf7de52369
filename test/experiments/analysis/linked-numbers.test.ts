import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport } from '../../../experiments/analysis';
import { writeCampaign } from './queueing-campaign';

// Other work on the machine must not turn a slow disk into a failure.
jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'linked-numbers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A number that stands by itself: not the digits of p95, R² or a variant's name. */
const NUMBER = /(?<![\w.-])\d+(?:\.\d+)?(?![\w-])/;

function matches(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, content]) => content);
}

function withoutLinks(html: string): string {
  return html.replaceAll(/<a class="value" href="#cell-[^"]+">.*?<\/a>/g, '');
}

it('every number of an answer, and every number measured in a table, leads to the trials behind it', async () => {
  const campaign = join(root, 'campaign');
  writeCampaign(campaign, {
    scale: { rate: 0.5, duration: 0.1 },
    only: ({ id }) =>
      /^(replica-count\.uor\.uor-replicas-[12]|minimum-replicas\.uor\.uor-minimum-[12]\.spike)/.test(id),
  });
  const [path] = await writeReport(await analyseCampaign(campaign), 'html', join(root, 'report.html'));
  const html = readFileSync(path, 'utf8');
  const answers = html.slice(0, html.indexOf('<section id="explorer">'));

  const sentences = matches(answers, /<p class="answer">(.*?)<\/p>/g);
  expect(sentences).toHaveLength(12);
  // What was planned, and what was found wrong on disk, comes from no trial.
  const ownCounts = /where \d+ were planned|\d+ problems? leaves?/g;
  const unlinked = sentences.map((one) => withoutLinks(one).replaceAll(ownCounts, ''));
  expect(unlinked.filter((one) => NUMBER.test(one))).toEqual([]);
  expect(sentences.every((one) => /href="#cell-/.test(one))).toBe(true);

  const rows = matches(answers, /<tr>(<td.*?)<\/tr>/gs);
  expect(rows.length).toBeGreaterThan(20);
  const cells = rows.flatMap((row) => matches(row, /<td[^>]*>(.*?)<\/td>/g));
  const bare = cells.map(withoutLinks).filter((one) => /^[\d.]+( %)?$/.test(one.trim()));
  // The limits of gates are set, not measured; all else is.
  const limits = matches(html.slice(html.indexOf('id="table-gates"')), /<tr><td.*?<td>([^<]*)<\/td><\/tr>/g);
  expect(bare.filter((one) => !limits.includes(one))).toEqual([]);

  const targets = new Set(matches(html, / id="([^"]+)"/g));
  expect(matches(answers, /class="value" href="#([^"]+)"/g).filter((one) => !targets.has(one))).toEqual([]);
});
