import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { analyseCampaign, writeReport } from '../../../experiments/analysis';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(600_000);

const CHROMIUM = '/usr/bin/chromium';
let root: string;
let report: string;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    console.log('Installing Chromium …');
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'], {
      stdio: 'pipe',
    });
  }
  root = mkdtempSync(join(tmpdir(), 'analysis-browser-'));
  const campaign = join(root, 'campaign');
  writeCampaign(campaign, {
    scale: { rate: 0.5, duration: 0.2 },
    only: ({ id }) => id.includes('.uor.') && !id.includes('stress') && !id.startsWith('scale-up'),
  });
  const analysis = await analyseCampaign(campaign);
  [report] = await writeReport(analysis, 'html', join(root, 'report.html'));
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(root, { recursive: true, force: true });
});

describe.each([1440, 390])('The report in Chromium, %d px wide', (width) => {
  it('draws every plot without a console error or a request, fits the width, and every link has its target', async () => {
    const page = await browser.newPage({ viewport: { width, height: 1000 } });
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${report}`);
    await page.waitForSelector('html[data-drawn]', { state: 'attached', timeout: 60_000 });
    const seen = (await page.evaluate(`({
      plots: [...document.querySelectorAll('.plot')].map((plot) => [plot.id, plot.querySelectorAll('svg path').length]),
      overflow: document.documentElement.scrollWidth,
      dead: [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href').slice(1)).filter((id) => !document.getElementById(id)),
      text: document.querySelector('main').innerText,
    })`)) as { plots: [string, number][]; overflow: number; dead: string[]; text: string };
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    expect(seen.plots.length).toBeGreaterThan(8);
    expect(seen.plots.filter(([, paths]) => paths < 5)).toEqual([]);
    expect(seen.overflow).toBeLessThanOrEqual(width);
    expect(seen.dead).toEqual([]);
    expect(seen.text).not.toMatch(/\bNaN\b|\bundefined\b|Infinity/);

    // The explorer redraws for another cell, and a link into a folded part opens it.
    await page.selectOption('#explorer-cell', { index: 0 });
    await page.waitForFunction(`document.querySelectorAll('#plot-explorer svg path').length > 5`);
    await page.evaluate(`location.hash = 'query-moving'`);
    await page.waitForFunction(`document.getElementById('query-moving').getBoundingClientRect().top < innerHeight`);
    expect(problems).toEqual([]);
    await page.close();
  });
});
