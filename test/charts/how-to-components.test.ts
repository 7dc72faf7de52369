import type { LooseObject } from '../fixtures/loose';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPlatform } from '../../lib/checks';
import { renderFiles } from '../../lib/synthesis/render';
import { COMPONENTS, model } from '../../main';
import { Reports } from './fixtures/reports';
import { StatusPage } from './fixtures/status-page';
import { TableSizes } from './fixtures/table-sizes';

const read = (...path: string[]) => readFileSync(join(__dirname, ...path), 'utf8');
const page = (name: string) => read('..', '..', 'docs', 'how-to', `${name}.md`);

/** A fixture as it would stand in charts/, indented as it is in the page. */
function asInCharts(name: string, indent = ''): string {
  const text = read('fixtures', `${name}.ts`)
    .replaceAll('../../../charts/', './')
    .replaceAll('../../../lib/', '../lib/')
    .replaceAll('../../../facts/', '../facts/');
  return text.replaceAll(/^(?=.)/gm, indent);
}

const extended = model(undefined, undefined, [...COMPONENTS, StatusPage, Reports, TableSizes]);
const files = renderFiles(extended);
const objects = (component: string): readonly LooseObject[] =>
  files.find(({ path }) => path === `platform/${component}.yaml`)!.objects;

test('the pages show exactly what is compiled here', () => {
  expect(page('add-a-config-file')).toContain(asInCharts('status-page', '   '));
  expect(page('add-a-config-file')).toContain(
    read('fixtures', 'status-page', 'default.conf').replaceAll(/^(?=.)/gm, '   '),
  );
  expect(page('add-a-sidecar')).toContain(asInCharts('reports'));
  expect(page('run-something-by-the-clock')).toContain(asInCharts('table-sizes'));
  const route = /new PublicIngress\(this, 'status-page', \{[^]*?\n {4}\}\);/.exec(asInCharts('status-page'))![0];
  expect(page('add-a-public-host')).toContain(route.replaceAll(/^ {4}/gm, '   '));
});

test('every component that a page shows is compiled by a test', () => {
  const folder = join(__dirname, '..', '..', 'docs', 'how-to');
  const shown = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/^ *export class (\w+) extends AhuoraComponent/gm)].map(
      ([, name]) => name!,
    ),
  );
  const compiled = readdirSync(join(__dirname, 'fixtures')).filter((file) => file.endsWith('.ts'));
  const classes = compiled.flatMap((file) => /export class (\w+)/.exec(read('fixtures', file))?.[1] ?? []);
  expect(shown.length).toBeGreaterThan(3);
  expect(classes).toEqual(expect.arrayContaining(shown));
});

test('what the pages show passes every check beside the whole platform', () => {
  expect(checkPlatform(extended, files)).toEqual([]);
});

test('the file is in the pod, which rolls when it changes', () => {
  const deployment = objects('status-page').find(({ kind }) => kind === 'Deployment')!;
  const { metadata, spec } = deployment['spec'].template;
  expect(metadata.annotations['checksum/config']).toMatch(/^[0-9a-f]{16}$/);
  expect(spec.volumes).toContainEqual(expect.objectContaining({ configMap: { name: 'status-page-config' } }));
});

test('the sidecar and the main container share one folder', () => {
  const { spec } = objects('reports').find(({ kind }) => kind === 'Deployment')!['spec'].template;
  const [main, sidecar] = spec.containers;
  expect(main.volumeMounts).toEqual(sidecar.volumeMounts);
  expect(spec.volumes).toHaveLength(1);
});

test('the host is for those who are signed in', () => {
  const ingress = objects('status-page').find(({ kind }) => kind === 'Ingress')!;
  expect(JSON.stringify(ingress.metadata.annotations)).toContain('oauth-forwarder@kubernetescrd');
});
