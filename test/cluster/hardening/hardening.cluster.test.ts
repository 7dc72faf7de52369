import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { parse } from 'yaml';
import { startControlPlane, type ControlPlane } from '../control-plane';

const ROLES = join(__dirname, '..', '..', '..', 'ansible', 'roles');
const ON_SERVER = '/var/lib/rancher/k3s/server/';

/** What Ansible tells K3s to start its API server with. */
function apiServerArguments(): string[] {
  const variables = parse(readFileSync(join(ROLES, 'k3s_server', 'vars', 'main.yml'), 'utf8')) as {
    k3s_server_api_server_arguments: string[];
  };
  return variables.k3s_server_api_server_arguments;
}

function pod(name: string, namespace: string, extra: object = {}): string {
  const containers = [{ name: 'main', image: 'example.org/none:1', ...extra }];
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { containers } });
}

/** The API server as Ansible has K3s start it, with the very files of the role. */
describe('the hardened API server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  let cluster: ControlPlane;

  beforeAll(async () => {
    const apiServerFlags = apiServerArguments().map(
      (argument) =>
        `--${argument
          .replace(`${ON_SERVER}logs/`, `${folder}/`)
          .replace(ON_SERVER, `${join(ROLES, 'k3s_node', 'files')}/`)}`,
    );
    cluster = await startControlPlane({ nodes: 'none', kwok: false, crds: false, apiServerFlags });
    await cluster.kubectl(['create', 'namespace', 'unlabelled']);
    for (const namespace of ['unlabelled', 'kube-system']) {
      await cluster.tryKubectl(['create', 'serviceaccount', 'default', '-n', namespace]);
    }
  }, 120_000);

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  test('a namespace that says nothing admits no privileged pod, and K3s own does', async () => {
    const privileged = { securityContext: { privileged: true } };
    const refused = await cluster.tryKubectl(['create', '-f', '-'], pod('root', 'unlabelled', privileged));
    expect(refused.stderr).toContain('violates PodSecurity "baseline:latest"');
    await cluster.kubectl(['create', '-f', '-'], pod('usual', 'unlabelled'));
    await cluster.kubectl(['create', '-f', '-'], pod('root', 'kube-system', privileged));
  });

  test('who reads a Secret is written down, and what is in it is not', async () => {
    await cluster.kubectl([
      'create',
      'secret',
      'generic',
      'known',
      '-n',
      'unlabelled',
      '--from-literal=key=very-private',
    ]);
    await cluster.kubectl(['get', 'secret', 'known', '-n', 'unlabelled', '-o', 'yaml']);
    await cluster.kubectl(['get', 'pods', '-n', 'unlabelled']);
    const log = readFileSync(join(folder, 'audit.log'), 'utf8');
    const entries = log
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { verb: string; objectRef?: { resource: string; name?: string }; user: object },
      );
    const of = (verb: string, resource: string) =>
      entries.filter((entry) => entry.verb === verb && entry.objectRef?.resource === resource);
    expect(of('create', 'secrets').length).toBeGreaterThan(0);
    expect(of('get', 'secrets').map(({ objectRef }) => objectRef?.name)).toContain('known');
    expect(of('create', 'pods').length).toBeGreaterThan(0);
    expect([...of('list', 'pods'), ...of('update', 'leases'), ...of('create', 'events')]).toEqual([]);
    expect(log).not.toMatch(/very-private|dmVyeS1wcml2YXRl/);
  });

  test('a flood of events is refused beyond what a scale-up makes', async () => {
    const event = (index: number) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `flood-${index}`, namespace: 'unlabelled' },
      involvedObject: { kind: 'Pod', namespace: 'unlabelled', name: 'usual' },
    });
    const dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile) }, connections: 16 });
    const post = async (index: number) => {
      const answer = await fetch(`${cluster.server}/api/v1/namespaces/unlabelled/events`, {
        method: 'POST',
        dispatcher,
        headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(event(index)),
      });
      await answer.text();
      return answer.status;
    };
    const first = await Promise.all(Array.from({ length: 200 }, (_, index) => post(index)));
    const rest = await Promise.all(Array.from({ length: 5000 }, (_, index) => post(1000 + index)));
    await dispatcher.destroy();
    expect(new Set(first)).toEqual(new Set([201]));
    expect(rest.filter((status) => status === 429).length).toBeGreaterThan(500);
  }, 120_000);
});
