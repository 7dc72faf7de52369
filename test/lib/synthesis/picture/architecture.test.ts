import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { readArchitecture } from '../../../../lib/synthesis/picture/architecture';
import { toDot } from '../../../../lib/synthesis/picture/dot';
import { secretsDot } from '../../../../lib/synthesis/picture/secrets';
import { drawSignIn, readSignIn } from '../../../../lib/synthesis/picture/sign-in';
import { asModel, soundPlatform, type SoundPlatform } from '../../checks/sound-platform';

const repository = resolve(__dirname, '..', '..', '..', '..');
const committed = join(repository, 'docs', 'generated');

function connected(): SoundPlatform {
  const platform = soundPlatform();
  const call = (from: string, to: string, port: number, protocol = 'TCP') => ({ from, to, port, protocol });
  platform.model.connections = [
    call('router', 'web', 8080),
    call('web', 'pooler', 6432),
    call('pooler', 'database', 5432),
    call('web', 'names', 53, 'UDP'),
    call('web', 'names', 53),
  ];
  return platform;
}

describe('the architecture', () => {
  const architecture = readArchitecture(asModel(connected()));

  it('has every workload with its size', () => {
    expect(architecture.workloads).toEqual([
      { name: 'backup', kind: 'CronJob', size: 'at 0 2 * * *' },
      { name: 'database', kind: 'StatefulSet', size: '1 pod' },
      { name: 'gatekeeper', kind: 'Deployment', size: '1 pod' },
      { name: 'pooler', kind: 'Deployment', size: '2 pods' },
      { name: 'web', kind: 'Deployment', size: '2 to 8 pods' },
    ]);
  });

  it('has every declared call once, with its ports, and public hosts where they enter', () => {
    expect(architecture.calls).toContainEqual({ from: 'web', to: 'names', ports: ['53/UDP', '53/TCP'], hosts: [] });
    expect(architecture.calls).toContainEqual({
      from: 'router',
      to: 'web',
      ports: ['8080/TCP'],
      hosts: ['shop.example.com', 'api.shop.example.com'],
    });
    expect(architecture.outsiders).toEqual(['names', 'router']);
  });

  it('says where nobody has to be signed in', () => {
    const platform = connected();
    const pages = platform.files.flatMap(({ objects }) => objects).find(({ metadata }) => metadata.name === 'pages');
    pages.metadata.annotations['traefik.ingress.kubernetes.io/router.middlewares'] = '';
    expect(toDot(readArchitecture(asModel(platform)))).toContain(
      'signed in only:\\napi.shop.example.com\\nopen:\\nshop.example.com',
    );
  });

  it('draws the way in: straight to the controller, or through the tunnel that a workload keeps open', () => {
    expect(toDot(architecture)).toContain('"people" -> "router"');
    const platform = connected();
    const call = (from: string, to: string, port: number) => ({ from, to, port, protocol: 'TCP' });
    platform.model.connections.push(call('gatekeeper', 'router', 8443), call('gatekeeper', 'edge', 7844));
    const dot = toDot(readArchitecture(asModel(platform)));
    expect(dot).toContain('"people" -> "edge"');
    expect(dot).toContain('"edge" -> "gatekeeper"');
    expect(dot).not.toContain('"people" -> "router"');
  });

  it('has volumes on their nodes with what mounts them', () => {
    expect(architecture.volumes).toEqual([{ name: 'database', size: '5Gi', node: 'node-1', mountedBy: ['database'] }]);
  });

  it('is drawn with hosts, ports, nodes and volumes', () => {
    const dot = toDot(architecture);
    expect(dot).toContain(
      '"web" [label="web\\nDeployment\\n2 to 8 pods\\n8080 TCP\\nsigned in only:\\nshop.example.com\\napi.shop.example.com"',
    );
    expect(dot).toContain('"router" -> "web"\n');
    expect(dot).toMatch(/subgraph "cluster_node-1" \{\n.*node node-1/);
    expect(dot).toMatch(/"database" -> "volume database" \[arrowhead=none/);
  });
});

describe('signing in', () => {
  const signIn = readSignIn(asModel(signedIn()));

  it('is read from the middlewares and the declared connections', () => {
    expect(signIn).toMatchObject({ backEnd: 'web', authority: 'gatekeeper', controller: 'router', provider: 'edge' });
    expect(signIn!.askedAt).toMatch(/^\//);
  });

  it('is drawn with what was read, and not at all where no page is shown', () => {
    const svg = drawSignIn(signIn!);
    for (const text of [signIn!.host, signIn!.askedAt, signIn!.provider]) expect(svg).toContain(text);
    const open = signedIn();
    for (const { metadata } of open.files.flatMap(({ objects }) => objects))
      delete metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares'];
    expect(readSignIn(asModel(open))).toBeUndefined();
  });
});

function signedIn(): SoundPlatform {
  const platform = connected();
  platform.model.connections.push({ from: 'gatekeeper', to: 'edge', port: 443, protocol: 'TCP' });
  return platform;
}

describe('the way of a Secret', () => {
  it('ends at every reader of every contract', () => {
    const contract = { namespace: 'shop', name: 'mail', keys: [], readers: ['web', 'backup'] };
    const dot = secretsDot([contract, { ...contract, name: 'unread', readers: [] }]);
    expect(dot).toContain('shop/mail</TD><TD ALIGN="LEFT" BALIGN="LEFT">web<BR/>backup');
    expect(dot).toContain('shop/unread</TD><TD ALIGN="LEFT" BALIGN="LEFT">what is not rendered here');
  });
});

describe('npm run docs', () => {
  it('writes what is committed in docs/generated (else run `npm run docs`)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'docs-'));
    try {
      const arguments_ = ['--require', './lib/synthesis/require-typescript.cjs', 'main.ts', 'docs', '--output', folder];
      await promisify(execFile)(process.execPath, arguments_, { cwd: repository });
      const names = readdirSync(folder).sort();
      expect(names).toEqual(['architecture.svg', 'rules.md', 'secrets.svg', 'sign-in.svg']);
      const stale = names.filter(
        (name) => readFileSync(join(folder, name), 'utf8') !== readFileSync(join(committed, name), 'utf8'),
      );
      expect(stale).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 180_000);
});
