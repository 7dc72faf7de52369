import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ROOT } from './pages';

/*
 * The how-to pages that change what runs, done as they are written in a copy of the repository: each block goes where its page says,
 * and what the page has one type is typed. One page after the other, so that each also bears what the others have left.
 */

jest.setTimeout(300_000);

const NOT_COPIED = ['.git', 'node_modules', '.cache', 'campaigns'];
let copy: string;

beforeAll(() => {
  copy = join(mkdtempSync(join(tmpdir(), 'how-to-')), 'clone');
  cpSync(ROOT, copy, { recursive: true, filter: (path) => dirname(path) !== ROOT || !NOT_COPIED.includes(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
}); // prettier-ignore
afterAll(() => rmSync(dirname(copy), { recursive: true, force: true }));

/** A block of a page, without the indentation of the list that it stands in. */
function block(page: string, language: string, index = 0): string {
  const text = readFileSync(join(ROOT, 'docs', 'how-to', `${page}.md`), 'utf8');
  const found = [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\``, 'gm'))][index];
  if (!found) throw new Error(`${page} has no block ${index} of ${language}`);
  const [, indent, lines] = found;
  return lines!.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

const read = (path: string) => readFileSync(join(copy, path), 'utf8');

function write(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}

/** Puts text before the last place of another one. */
function insert(path: string, before: string, text: string): void {
  const at = read(path).lastIndexOf(before);
  if (at < 0) throw new Error(`${path} has no "${before}"`);
  write(path, read(path).slice(0, at) + text + read(path).slice(at));
}

function replace(path: string, old: string, fresh: string): void {
  if (!read(path).includes(old)) throw new Error(`${path} has no "${old}"`);
  write(
    path,
    read(path).replace(old, () => fresh),
  );
}

function addToList(name: string, file: string): void {
  write('main.ts', `import { ${name} } from './charts/${file}';\n${read('main.ts')}`);
  replace('main.ts', '  Cloudflared,\n', `  Cloudflared,\n  ${name},\n`);
}

function type(line: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: copy, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

/** Types it and fails with all that it said, unless it ends well. */
function succeeds(line: string): string {
  const { status, output } = type(line);
  if (status !== 0) throw new Error(`${line} ended with ${status}:\n${output}`);
  return output;
}

test('add a component', () => {
  insert('facts/images.ts', '}', `  ${block('add-a-component', 'ts', 0)}`);
  write('charts/admin.ts', block('add-a-component', 'ts', 1));
  addToList('Admin', 'admin');
  expect(succeeds('npm run synth -- --diff')).toMatch(/Opens a way in\n.*Ingress\/admin .* behind sign-in/);
  succeeds('npm run synth');
  expect(existsSync(join(copy, 'dist/platform/admin.yaml'))).toBe(true);
  expect(read('dist/platform/network.yaml')).toContain('name: admin');
  expect(read('dist/secrets.json')).toContain('"admin"');
});

test('add a configuration file, with a host', () => {
  write('charts/status-page/default.conf', block('add-a-config-file', 'nginx'));
  write('charts/status-page.ts', block('add-a-config-file', 'ts'));
  addToList('StatusPage', 'status-page');
  succeeds('npm run synth');
  replace('charts/status-page/default.conf', 'All is well.', 'All is very well.');
  expect(succeeds('npm run synth -- --diff')).toMatch(/Restarts pods\n.*Deployment\/status-page.*its configuration changes/);
}); // prettier-ignore

test('open a host to everybody, which only an exception permits', () => {
  const old = /new PublicIngress\(this, 'status-page', \{[^]*?\n {4}\}\);/.exec(read('charts/status-page.ts'))![0];
  const [ingress, ...exception] = block('add-a-public-host', 'ts', 1).split('\n');
  const host = 'const host = `status${platform.settings.cookieDomain}`;\n';
  replace('charts/status-page.ts', old, `${host}${ingress!.replaceAll('{ host, to: endpoint }', '{ host, to: endpoint }')}`);
  expect(type('npm run synth')).toMatchObject({ status: 1, output: expect.stringContaining('[public-routes-ask-for-sign-in]') });
  replace('charts/status-page.ts', ingress!, `${ingress}\n${exception.join('\n')}`);
  expect(succeeds('npm run synth -- --diff')).toMatch(/^(?:>.*\n|\n)*Loses sign-in\n/);
  succeeds('npm run synth');
}); // prettier-ignore

test('add a sidecar', () => {
  write('charts/reports.ts', block('add-a-sidecar', 'ts'));
  addToList('Reports', 'reports');
  succeeds('npm run synth');
});

test('add a Secret', () => {
  insert('facts/secrets.ts', '} as const;', block('add-a-secret', 'ts'));
  replace('charts/reports.ts', "RUNTIME_MODE: 'reports',", "RUNTIME_MODE: 'reports',\n            SIGNING_KEY: secrets.reports.key('signing-key'),"); // prettier-ignore
  expect(succeeds('npm run synth -- --diff')).toMatch(
    /Needs something before the merge\n.*Secret\/reports .*signing-key must be in the vault .*reports starts/,
  );
  succeeds('npm run synth');
  succeeds('npm run vault-example');
  expect(read('ansible/inventory/group_vars/all/vault.example.yml')).toContain('signing-key: replace-me');
});

test('run something by the clock', () => {
  write('charts/table-sizes.ts', block('run-something-by-the-clock', 'ts'));
  addToList('TableSizes', 'table-sizes');
  succeeds('npm run synth');
});

test('add a Helm chart', () => {
  insert('facts/chart-versions.ts', '} as const;', block('add-a-helm-chart', 'ts', 0));
  insert('facts/permissions.ts', '  // Argo CD creates a project of this name', block('add-a-helm-chart', 'ts', 1));
  replace('facts/permissions.ts', "| 'default'", "| 'default' | 'reloader'");
  replace('facts/permissions.ts', "{ grafana: ", "{ stakater: 'https://stakater.github.io/stakater-charts', grafana: "); // prettier-ignore
  write('argocd/reloader.ts', block('add-a-helm-chart', 'ts', 2));
  write('argocd/index.ts', `import { Reloader } from './reloader';\n${read('argocd/index.ts')}`);
  insert('argocd/index.ts', '  new ArgoCd(app', "  new Reloader(app, 'reloader', { syncWave: 2 });\n");
  const page = readFileSync(join(ROOT, 'docs/how-to/add-a-helm-chart.md'), 'utf8');
  const [pods, images] = [/`(\{ component: .*,)`/, /`("reloader": \{ "version".*,)`/].map(
    (form) => form.exec(page)![1]!,
  );
  replace('argocd/chart-pods.ts', '  return [\n', `  return [\n    ${pods}\n`);
  expect(type('npm run synth').output).toContain('[charts-are-pinned-and-known]');
  replace('facts/outside-image-list.json', '{\n', `{\n  ${images}\n`);
  expect(succeeds('npm run synth')).toMatch(/^reloader +\d+ +10 m/m);
  expect(existsSync(join(copy, 'dist/argocd/project-reloader.yaml'))).toBe(true);
});

test("use a third party's kind", () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
            },
          },
        },
      ],
    },
  };
  const use = block('use-a-third-party-kind', 'ts');
  write('charts/reports.ts', `import { ApiObject } from 'cdk8s';\n${read('charts/reports.ts')}`);
  insert('charts/reports.ts', '    this.connects(', use);
  expect(type('npm run synth').output).toMatch(/Widget\/one kind: no schema of .* is known .*imports\/third-party\//);
  // A definition is JSON as well as YAML; the page copies a file of this name.
  write('WIDGETS-CRD.yaml', JSON.stringify(definition));
  succeeds('cp WIDGETS-CRD.yaml imports/third-party/');
  expect(type('npm run synth').output).toMatch(/Widget\/one kind: AppProject\/ahuora does not permit .*facts\/permissions\.ts/);
  replace('facts/permissions.ts', "...of('traefik.io', 'Middleware'),", "...of('traefik.io', 'Middleware'), ...of('example.org', 'Widget'),");
  succeeds('npm run synth');
}); // prettier-ignore

test('add a worker node', () => {
  const node = block('add-a-worker-node', 'yaml').replaceAll(/^(?=.)/gm, ' '.repeat(8));
  replace('ansible/inventory/hosts.yml', '    # The hosts that form the Kubernetes cluster.\n', `${node}    # The hosts that form the Kubernetes cluster.\n`);
  expect(succeeds('npm run synth -- --diff')).toContain('Nothing would change.');
  succeeds('npm run synth');
}); // prettier-ignore

test('bump an image, and see it told once', () => {
  const [tag] = /django-api:[\d.]+/.exec(read('facts/images.ts'))!;
  replace('facts/images.ts', tag, 'django-api:9.9.9');
  const output = succeeds('npm run synth -- --diff');
  expect(output).toMatch(/Restarts pods\n(?: {2}.*\n)*? {2}workloads\/production Deployment\/django-api .*and alike in \d+ more folders: .*django-api:9\.9\.9/);
  expect(output).toMatch(/~ Deployment\/django-api \(ahuora\) and alike in \d+ more folders\n {6}spec\.template\.spec\.containers\[django-api\]\.image: /);
  succeeds('npm run synth');
}); // prettier-ignore

test('move the database, which the difference says is refused', () => {
  const from = /postgres: \{\n {4}node: '([\w-]+)'/.exec(read('facts/settings.ts'))![1]!;
  replace('facts/settings.ts', `postgres: {\n    node: '${from}'`, "postgres: {\n    node: 'worker-4'");
  expect(succeeds('npm run synth -- --diff')).toMatch(/Refused by the API server\n.*PersistentVolume\/postgres/);
  succeeds('npm run synth');
});

test('switch signals on, and see what comes', () => {
  replace('facts/settings.ts', 'signals: { enabled: false', 'signals: { enabled: true');
  expect(succeeds('npm run synth -- --diff')).toContain('signals');
  succeeds('npm run synth');
  expect(existsSync(join(copy, 'dist/signals'))).toBe(true);
});

test('all of it together is formatted, and type-checked by the compiler itself', () => {
  succeeds('npx prettier --write --log-level warn charts facts argocd main.ts');
  succeeds('npx tsc --noEmit');
});
