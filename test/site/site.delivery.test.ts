import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { pagePaths, sitePath } from '../../site/pages';
import { buildTool } from '../../tools/build';
import { ensureDebianPackages } from '../fixtures/debian-packages';
import { freePorts } from '../fixtures/free-ports';
import { openChromium, watch } from './browser';

/*
 * The documentation site as a reader meets it: built by the command, served on loopback, looked at in Chromium.
 */

jest.setTimeout(600_000);

const ROOT = join(__dirname, '../..');
const SITE = join(ROOT, '.cache/site/built');

let packages: string;
let server: ChildProcess;
let browser: Browser;
let address: string;

beforeAll(async () => {
  await ensureDebianPackages(['chromium', 'fonts-liberation']);
  packages = join(await buildTool('vitepress'), '..', '..');
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'docs'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run docs failed:\n${stdout}${stderr}`);
  // For people: the time is judged on a quiet machine, by `npm run docs` itself.
  process.stderr.write(`${stdout.split('\n').find((line) => line.includes(' after '))}\n`);
  const [port] = await freePorts(1);
  address = `http://127.0.0.1:${port}`;
  server = spawn(process.execPath, [
    join(packages, 'sirv-cli', 'bin.js'),
    SITE,
    ...['--host', '127.0.0.1', '--port', String(port), '--quiet'],
  ]);
  await answering(address);
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.kill();
});

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}

/** Paths of all pages that were built. */
const built = () =>
  readdirSync(SITE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .map((file) => `/${file}`)
    .sort();

/** One page of each form. */
const SAMPLES = [
  '/',
  '/readme.html',
  '/docs/architecture.html',
  '/docs/generated/rules.html',
  '/docs/generated/reachability.html',
  '/docs/how-to/add-a-component.html',
  '/docs/decisions/',
  '/objects/',
  '/objects/variants.html',
  '/objects/workloads/production/deployment-ahuora-django-api.html',
  '/objects/platform/ingress-ahuora-front-end.html',
  '/objects/platform/configmap-ahuora-postgres-config.html',
];

async function openPage(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 1000 }, colorScheme });
  page.setDefaultTimeout(60_000);
  return page;
}

test('every page of the repository and every object of production has a page of its own', () => {
  const paths = built();
  const pages = pagePaths(ROOT).map((path) => `/${sitePath(path).replace(/\.md$/, '.html')}`);
  expect(pages.length).toBeGreaterThan(40);
  expect(pages.filter((path) => !paths.includes(path))).toEqual([]);
  const objects = ['platform', 'argocd'].flatMap((folder) =>
    readdirSync(join(ROOT, 'dist', folder)).flatMap((file) =>
      [...readFileSync(join(ROOT, 'dist', folder, file), 'utf8').matchAll(/^kind: (\w+)$/gm)].map(
        ([, kind]) => `/objects/${folder}/${kind!.toLowerCase()}-`,
      ),
    ),
  );
  expect(objects.length).toBeGreaterThan(50);
  const counted = (prefix: string) => paths.filter((path) => path.startsWith(prefix)).length;
  const missing = [...new Set(objects)].filter(
    (prefix) => counted(prefix) < objects.filter((one) => one === prefix).length,
  );
  expect(missing).toEqual([]);
});

describe.each([
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('at %d px, %s', (width, scheme) => {
  test('no page has an error, asks another host, or is wider than the window; axe finds nothing moderate or worse', async () => {
    const page = await openPage(width, scheme);
    const { problems, outside } = watch(page);
    const axe = readFileSync(join(packages, 'axe-core', 'axe.min.js'), 'utf8');
    const found: string[] = [];
    for (const path of SAMPLES) {
      await page.goto(`${address}${path}`, { waitUntil: 'networkidle' });
      const overflow = await page.evaluate(`document.documentElement.scrollWidth - innerWidth`);
      if (Number(overflow) > 0) found.push(`${path}: ${overflow} px too wide`);
      const dark = await page.evaluate(`document.documentElement.classList.contains('dark')`);
      if (dark !== (scheme === 'dark')) found.push(`${path}: not ${scheme}`);
      await page.evaluate(axe);
      const { violations } = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as AxeResult;
      for (const { id, impact, nodes } of violations)
        if (impact !== 'minor') found.push(`${path}: ${id}: ${nodes[0]!.html}`);
    }
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(outside).toEqual([]);
    await page.close();
  });
});

test('no page at all is wider than a phone, nor has a picture that does not load', async () => {
  const page = await openPage(390);
  const { problems, outside } = watch(page);
  const found: string[] = [];
  for (const path of built().filter((one) => one !== '/404.html')) {
    await page.goto(`${address}${path}`, { waitUntil: 'load' });
    const overflow = Number(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`));
    if (overflow > 0) found.push(`${path}: ${overflow} px too wide`);
    const broken = await page.evaluate(`[...document.images].filter((one) => one.complete && !one.naturalWidth).length`);
    if (Number(broken) > 0) found.push(`${path}: ${String(broken)} pictures do not load`);
  }
  expect(found).toEqual([]);
  expect(problems).toEqual([]);
  expect(outside).toEqual([]);
  await page.close();
}); // prettier-ignore

test('a page that asks another host, or complains, is found', async () => {
  const page = await openPage(1440);
  const { problems, outside } = watch(page);
  await page.goto(`${address}/`, { waitUntil: 'load' });
  expect([problems, outside]).toEqual([[], []]);
  await page.evaluate(`document.body.append(Object.assign(new Image(), { src: 'http://192.0.2.1/picture.png' }))`);
  await page.evaluate(`console.error('something is wrong')`);
  await page.waitForTimeout(200);
  expect(outside).toEqual(['http://192.0.2.1/picture.png']);
  expect(problems).toContain('console: something is wrong');
  await page.close();
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

test('every link, picture and anchor of every page resolves', async () => {
  const paths = built();
  expect(paths.length).toBeGreaterThan(100);
  const files = new Set(readdirSync(SITE, { recursive: true, encoding: 'utf8' }).map((file) => `/${file}`));
  const text = new Map(paths.map((path) => [path, readFileSync(join(SITE, path), 'utf8')]));
  const ids = new Map(
    [...text].map(([path, html]) => [path, new Set([...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id!))]),
  );
  const broken: string[] = [];
  for (const [path, html] of text) {
    if (path === '/404.html') continue;
    for (const [, target] of html.matchAll(/\b(?:href|src)="([^"]+)"/g)) {
      if (/^(https?|data|mailto):/.test(target!)) continue;
      const [file = '', anchor] = decodeURI(target!).split('#');
      const full = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
      const absolute = file.startsWith('/') ? file : full;
      const page = absolute.endsWith('/') ? `${absolute}index.html` : absolute;
      const known = files.has(page) ? page : files.has(`${page}.html`) ? `${page}.html` : undefined;
      if (!known) broken.push(`${path}: ${target}`);
      else if (anchor && !ids.get(known)?.has(anchor)) broken.push(`${path}: ${target} has no such anchor`);
    }
  }
  expect([...new Set(broken)]).toEqual([]);
});

test.each([
  ['a page', 'power cut', 'Recover from a power cut'],
  ['an object', 'deployment pgbouncer', 'Deployment/pgbouncer'],
  ['a rule', 'pods-run-as-non-root', 'Rules'],
])('search finds %s', async (_what, words, title) => {
  const page = await openPage(1440);
  const { problems, outside } = watch(page);
  await page.goto(`${address}/`, { waitUntil: 'networkidle' });
  await page.keyboard.press('Control+k');
  await page.fill('.VPLocalSearchBox input', words);
  await page.waitForSelector('.VPLocalSearchBox .result');
  const results = (await page.evaluate(
    `[...document.querySelectorAll('.VPLocalSearchBox .result')].slice(0, 5).map((one) => one.innerText.replace(/\\s+/g, ' '))`,
  )) as string[];
  expect(results.join('\n')).toContain(title);
  await page.keyboard.press('Enter');
  await page.waitForFunction(`location.pathname !== '/'`);
  expect(problems).toEqual([]);
  expect(outside).toEqual([]);
  await page.close();
});

test('pictures follow the switch of the page, not the system alone', async () => {
  const page = await openPage(1440, 'light');
  await page.goto(`${address}/docs/architecture.html`, { waitUntil: 'networkidle' });
  const picture = page.locator('.vp-doc img').first();
  const light = await picture.screenshot();
  await page.click('.VPNavBarAppearance button');
  await page.waitForFunction(`document.documentElement.classList.contains('dark')`);
  await page.waitForTimeout(500);
  const dark = await picture.screenshot();
  const brightness = async (image: Buffer) =>
    Number(
      await page.evaluate(`(async () => {
        const picture = new Image();
        picture.src = 'data:image/png;base64,${image.toString('base64')}';
        await picture.decode();
        const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height });
        const context = canvas.getContext('2d');
        context.drawImage(picture, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0) / (data.length * 0.75);
      })()`),
    );
  expect(await brightness(light)).toBeGreaterThan(200);
  expect(await brightness(dark)).toBeLessThan(90);
  await page.close();
});
