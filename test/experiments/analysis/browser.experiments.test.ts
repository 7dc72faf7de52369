import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { analyseCampaign, writeReport } from '../../../experiments/analysis';
import { ensureDebianPackages } from '../../fixtures/debian-packages';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(600_000);

const CHROMIUM = '/usr/bin/chromium';
let root: string;
let report: string;
let browser: Browser;

beforeAll(async () => {
  await ensureDebianPackages(['chromium', 'fonts-liberation', 'poppler-utils']);
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

    // A saved figure says by itself what its report says in a banner.
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.evaluate(`document.querySelector('button[data-save]').click()`),
    ]);
    const marks = (await page.evaluate('document.body.dataset.marks')) as string;
    expect(marks).toBe('scaled');
    expect(readFileSync(await download.path(), 'utf8')).toContain(`>${marks}</text></svg>`);

    // The explorer redraws for another cell, and a link into a folded part opens it.
    await page.selectOption('#explorer-cell', { index: 0 });
    await page.waitForFunction(`document.querySelectorAll('#plot-explorer svg path').length > 5`);
    // An overlay draws the variants and the trial that are chosen.
    const lines = `document.querySelector('#plot-minimum-replicas-uor-traces svg').outerHTML`;
    const first = await page.evaluate(lines);
    await page.selectOption('#controls-minimum-replicas-uor-traces select', { index: 1 });
    await page.waitForFunction(`${lines} !== ${JSON.stringify(first)}`);
    const second = await page.evaluate(lines);
    await page.uncheck('#controls-minimum-replicas-uor-traces input >> nth=0');
    await page.waitForFunction(`${lines} !== ${JSON.stringify(second)}`);
    await page.evaluate(`location.hash = 'query-moving'`);
    await page.waitForFunction(`document.getElementById('query-moving').getBoundingClientRect().top < innerHeight`);
    expect(problems).toEqual([]);
    await page.close();
  });
});

/** Width of an A4 page between margins of 12 mm, in CSS pixels of 1/96 inch. */
const PAGE_WIDTH = Math.floor(((210 - 2 * 12) / 25.4) * 96);

it('on paper nothing is folded, nothing is cut at the right, and no figure is taller than a page', async () => {
  const page = await browser.newPage({ viewport: { width: PAGE_WIDTH, height: 1000 } });
  await page.emulateMedia({ media: 'print' });
  await page.goto(`file://${report}`);
  await page.waitForSelector('html[data-drawn]', { state: 'attached', timeout: 60_000 });
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
  const cut = `[...document.querySelectorAll('td, th, figure, svg, pre')]
    .filter((one) => one.getBoundingClientRect().right > ${PAGE_WIDTH} + 1)
    .map((one) => one.tagName + ' ' + one.textContent.slice(0, 40))`;
  expect(await page.evaluate(cut)).toEqual([]);
  // A word that takes two lines is broken in its middle.
  const broken = `[...document.querySelectorAll('thead th, table.of-variants td')].flatMap((cell) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    const words = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
      for (const match of node.data.matchAll(/[^\\s\\u00ad-]+/g)) {
        const range = document.createRange();
        // Past its first letter, whose box has the hyphen at the end of the line before.
        range.setStart(node, match.index + Math.min(1, match[0].length - 1));
        range.setEnd(node, match.index + match[0].length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) words.push(match[0]);
      }
    return words;
  })`;
  expect(await page.evaluate(broken)).toEqual([]);
  expect(await page.evaluate(`document.querySelectorAll('details').length`)).toBeGreaterThan(10);
  expect(await page.evaluate(`document.querySelectorAll('details:not([open])').length`)).toBe(0);
  expect(
    await page.evaluate(`Math.max(...[...document.querySelectorAll('figure')].map((one) => one.offsetHeight))`),
  ).toBeLessThan(267 * (96 / 25.4));
  await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
  expect(await page.evaluate(`document.querySelectorAll('details:not([open])').length`)).toBeGreaterThan(0);
  await page.close();
});

it('printed from a wide window, figures are drawn for the page, and for the window again afterwards', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(`file://${report}`);
  await page.waitForSelector('html[data-drawn]', { state: 'attached', timeout: 60_000 });
  const widths = `[...document.querySelectorAll('.plot svg')].map((one) => one.getBoundingClientRect().width)`;
  const before = (await page.evaluate(widths)) as number[];
  expect(Math.min(...before)).toBeGreaterThan(1000);
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
  expect(Math.max(...((await page.evaluate(widths)) as number[]))).toBeLessThanOrEqual(PAGE_WIDTH);
  await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
  expect(await page.evaluate(widths)).toEqual(before);
  await page.close();
});

it('1440 px wide no table is cut, and no name of a line lies over another', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(`file://${report}`);
  await page.waitForSelector('html[data-drawn]', { state: 'attached', timeout: 60_000 });
  const cut = `[...document.querySelectorAll('details[open] .scroll')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.closest('details').id)`;
  expect(await page.evaluate(cut)).toEqual([]);
  // Names at the ends of lines have the colour of their line; legends and axes are black.
  const names = (await page.evaluate(`[...document.querySelectorAll('.plot svg')].map((svg) =>
    [...svg.querySelectorAll('text')].filter((one) => !/^(#222|#333|#54555a|#6e7079|rgb\\(84,85,90\\))$/i.test(one.getAttribute('fill') ?? '#222'))
      .map((one) => one.getBoundingClientRect()).filter(({ width }) => width > 0)
      .map(({ left, right, top, bottom }) => ({ left, right, top: top + 2, bottom: bottom - 2 })))`)) as Box[][];
  expect(names.filter((boxes) => boxes.length > 1).length).toBeGreaterThan(2);
  const apart = (a: Box, b: Box) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const covered = names.flatMap((boxes) => boxes.filter((a, i) => boxes.slice(i + 1).some((b) => !apart(a, b))));
  expect(covered).toEqual([]);
  await page.close();
});

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

it('390 px wide, the verdicts are read without scrolling sideways', async () => {
  const page = await browser.newPage({ viewport: { width: 390, height: 1000 } });
  await page.goto(`file://${report}`);
  await page.waitForSelector('html[data-drawn]', { state: 'attached', timeout: 60_000 });
  const cut = `[...document.querySelectorAll('table.verdicts :is(td, th)')].filter((one) => one.getBoundingClientRect().right > 390).length`;
  expect(await page.evaluate(cut)).toBe(0);
  await page.close();
});

/** Text of each page of a PDF. */
function pagesOf(pdf: string): string[] {
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return text.split('\f').map((page) => page.replaceAll(/\s+/g, ' '));
}

it('printed as a PDF every question begins a page, and every figure is on one page with its caption', async () => {
  const page = await browser.newPage();
  await page.goto(`file://${report}`);
  await page.waitForSelector('html[data-drawn]', { state: 'attached', timeout: 60_000 });
  const headings = (await page.evaluate(
    `[...document.querySelectorAll('section:not(#verdicts, :has(> .unanswerable)) > h2')].map((one) => one.textContent)`,
  )) as string[];
  const figures = (await page.evaluate(
    // What saves a picture is not printed.
    `const captionOf = (figure) => { const copy = figure.querySelector('figcaption').cloneNode(true); copy.querySelectorAll('.save').forEach((one) => one.remove()); return copy.textContent; };
    [...document.querySelectorAll('section[id] > figure')].map((one) => [one.querySelector('h3').textContent, captionOf(one).trim().replace(/\\s+/g, ' ')])`,
  )) as [string, string][];
  const pdf = join(root, 'report.pdf');
  await page.pdf({ path: pdf, format: 'A4', margin: { top: '12mm', right: '12mm', bottom: '15mm', left: '12mm' } });
  await page.close();
  const pages = pagesOf(pdf);
  expect(headings.length).toBeGreaterThan(8);
  // What has no answer takes no page for its three lines.
  const alone = pages.filter((one) => /Not answerable, because/.test(one) && one.trim().length < 350);
  expect(alone.length).toBeLessThanOrEqual(1);
  expect(headings.filter((heading) => !pages.some((one) => one.trimStart().startsWith(heading)))).toEqual([]);
  expect(figures.length).toBeGreaterThan(8);
  // A figure cut in two leaves its title on one page and its caption on the next.
  const torn = figures.filter(([title, caption]) => !pages.some((one) => one.includes(title) && one.includes(caption)));
  expect(torn).toEqual([]);
  // The verdicts begin beneath the title.
  expect(pages[0]).toContain('how sure');
});
