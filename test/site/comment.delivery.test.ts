import type { Loose } from '../fixtures/loose';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../lib/kubernetes/object';
import { compare } from '../../lib/synthesis/difference';
import { differenceAsMarkdown } from '../../lib/synthesis/difference/report';
import { readFolder } from '../../lib/synthesis/write';
import { toYaml } from '../../lib/synthesis/yaml';
import { buildTool, toolCache } from '../../tools/build';
import { ensureDebianPackages } from '../fixtures/debian-packages';
import { openChromium } from './browser';
import { commentPage } from './github-comment';

/* The comment of a pull request as GitHub shows it, looked at in Chromium; pictures are kept for people. */

jest.setTimeout(300_000);

const ROOT = join(__dirname, '../..');
let packages: string;
let browser: Browser;

beforeAll(async () => {
  await ensureDebianPackages(['chromium', 'fonts-liberation']);
  packages = join(await buildTool('vitepress'), '..', '..');
  browser = await openChromium();
});
afterAll(() => browser?.close());

type Edit = (object: Loose) => void;

/** `dist/` with one object of each file changed. */
function changed(edits: readonly (readonly [path: string, label: string, edit: Edit])[]): Map<string, string> {
  const outputs = readFolder(join(ROOT, 'dist'));
  for (const [path, label, edit] of edits) {
    const objects = parseAllDocuments(outputs.get(path)!).map((document) => document.toJS() as KubernetesObject);
    const object = objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === label);
    if (!object) throw new Error(`${path} has no ${label}`);
    edit(object);
    outputs.set(path, toYaml(objects));
  }
  return outputs;
}

const markdown = () => {
  const before = readFolder(join(ROOT, 'dist'));
  const after = changed([
    ['platform/postgres.yaml', 'PersistentVolume/postgres', ({ spec }) => (spec.hostPath = { path: '/<b>other</b>' })],
    ['platform/gateway.yaml', 'Ingress/api', ({ metadata }) => (metadata.annotations = {})],
    ['workloads/base/django-api.yaml', 'Deployment/django-api', ({ spec }) => (spec.template.spec.containers[0].image = 'ahuora/django-api:999.0.1')],
    ['platform/front-end.yaml', 'ConfigMap/front-end-config', ({ data }) => (data['default.conf'] += '# by @somebody | **bold**\n')],
    ['platform/network.yaml', 'NetworkPolicy/idaes', ({ spec }) => (spec.ingress = [{}])],
  ]); // prettier-ignore
  const { changes, consequences } = compare(before, after);
  return differenceAsMarkdown(changes, consequences);
};

test.each([
  [1012, 'light'],
  [1012, 'dark'],
  [390, 'light'],
] as const)('at %d px, %s, it leads with what matters, and nothing of a manifest is markup', async (width, scheme) => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  await page.setContent(commentPage(markdown(), packages, scheme));
  const seen = (await page.evaluate(`({
    order: [...document.querySelector('article').children].map((one) => one.className.includes('markdown-alert') ? one.querySelector('strong').textContent : one.tagName),
    unstyled: [...document.querySelectorAll('blockquote')].length,
    bold: [...document.querySelectorAll('td b, td strong, li b')].map((one) => one.textContent),
    overflow: document.documentElement.scrollWidth - innerWidth,
    cut: Math.max(...[...document.querySelectorAll('table')].map((one) => one.scrollWidth - one.clientWidth)),
    text: document.querySelector('article').innerText,
  })`)) as { order: string[]; unstyled: number; bold: string[]; overflow: number; cut: number; text: string };
  const folder = join(toolCache(), 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `comment-${width}-${scheme}.png`), fullPage: true });
  const first = seen.order.slice(0, seen.order.indexOf('H4'));
  expect(first[0]).toBe('H3');
  expect(first.slice(1)).toEqual(expect.arrayContaining(['Loses sign-in', 'Opens a way in', 'Restarts pods']));
  expect(first.indexOf('Loses sign-in')).toBeLessThan(first.indexOf('Restarts pods'));
  expect(seen.unstyled).toBe(0);
  expect(seen.bold).toEqual([]);
  expect(seen.text).toContain('/<b>other</b>');
  expect(seen.text).toContain('**bold**');
  expect(seen.overflow).toBeLessThanOrEqual(0);
  // On a telephone a table may be moved sideways; on a desk no more than the end of a long name is hidden, and no value.
  if (width > 800) expect(seen.cut).toBeLessThan(100);
  await page.close();
});
