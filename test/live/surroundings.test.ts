import { readFileSync } from 'node:fs';
import { PAGE, PICTURE, reachabilityPage, reachabilityPicture } from './reachability-page';
import { hostsFiles } from './registry-settings';
import { requireMachine } from './machine';
import { reportOf } from './load';
import { emptySamples, errorCode } from '../../experiments/workload/load';
import { cell, declaredMatrix, DESTINATIONS, differences } from './reachability';
import { traefikChart } from './add-ons';

describe("containerd's settings", () => {
  const registries =
    'mirrors:\n  docker.io:\n    endpoint: [http://192.168.100.101:5001]\n  "*":\n    endpoint: [http://192.168.100.101:5001]\n';

  test("send every registry of a node's registries.yaml to the mirror, and never to the registry itself", () => {
    const files = hostsFiles(registries);
    expect(Object.keys(files)).toEqual(['docker.io/hosts.toml', '_default/hosts.toml']);
    for (const text of Object.values(files))
      expect(text.match(/https?:\/\/[^"]+/g)).toEqual(['http://192.168.100.101:5001', 'http://192.168.100.101:5001']);
  });

  test.each(['', '# nothing\n', 'mirrors: {}\n'])('a file that names no mirror is refused: %j', (text) => {
    expect(() => hostsFiles(text)).toThrow('names no mirror');
  });
});

test('what the machine lacks is said in one sentence, the first thing first', () => {
  const lacks = (missing: string) => ({ missing, holds: () => false });
  expect(() =>
    requireMachine([{ missing: 'a', holds: () => true }, lacks('root; run it as root'), lacks('b')]),
  ).toThrow('The live cluster needs root; run it as root.');
  // A check that cannot be made counts as not met.
  const breaks = () => {
    throw new Error('no such file');
  };
  expect(() => requireMachine([{ missing: 'c', holds: breaks }])).toThrow('needs c.');
});

describe('a report on a load', () => {
  test('counts failures by reason and measures the outage from the first to the last of them', () => {
    const samples = emptySamples(5);
    for (let row = 0; row < 5; row++) {
      samples.scheduled_s[row] = row;
      samples.started_s[row] = row + 0.25;
      samples.waiting_ms[row] = 10 * (row + 1);
      samples.status[row] = 200;
    }
    samples.error[1] = errorCode('refused');
    samples.error[3] = errorCode('status');
    samples.status[3] = 502;
    const report = reportOf([samples], 1);
    expect(report).toMatchObject({
      requests: 5,
      failed: 2,
      failures: { refused: 1, 'status 502': 1 },
      outageSeconds: 3,
    });
    // Measured from the scheduled start: a quarter of a second late.
    expect(report.longest).toBeCloseTo(300);
  });

  test('goes on from one generator to the next', () => {
    const turn = (failed: readonly number[]) => {
      const samples = emptySamples(5);
      for (let row = 0; row < 5; row++) samples.scheduled_s[row] = row;
      for (const row of failed) samples.error[row] = errorCode('refused');
      return samples;
    };
    expect(reportOf([turn([]), turn([3]), turn([1])], 1)).toMatchObject({ requests: 15, failed: 2, outageSeconds: 4 });
  });
});

describe('the matrix of connections', () => {
  test('in the docs is that of today: npm run docs writes it', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(reachabilityPage(declaredMatrix()));
    expect(readFileSync(PICTURE, 'utf8')).toBe(reachabilityPicture(declaredMatrix()));
  });

  test('allows what the components declare, and no more', () => {
    const matrix = declaredMatrix([
      { from: 'django-api', to: 'pgbouncer', port: 6432, protocol: 'TCP' },
      { from: 'oauth2-proxy', to: 'google', port: 443, protocol: 'TCP' },
    ]);
    const destination = (name: string, protocol = 'TCP') =>
      DESTINATIONS.find((each) => each.name === name && each.protocol === protocol)!;
    expect(matrix.get(cell('django-api', destination('pgbouncer')))).toBe(true);
    expect(matrix.get(cell('django-api', destination('kube-dns')))).toBe(true);
    expect(matrix.get(cell('django-api', destination('postgres')))).toBe(false);
    expect(matrix.get(cell('oauth2-proxy', destination('github')))).toBe(true);
    expect(matrix.get(cell('idaes', destination('kube-dns')))).toBe(false);
    expect(matrix.get(cell('unlabelled', destination('api-server')))).toBe(false);
    expect(matrix.get(cell('traefik', destination('django-api')))).toBe(false);
    expect(matrix.get(cell('idaes', destination('idaes')))).toBeUndefined();
  });

  test('differences name cell, declaration and measurement; a cell that was not measured is one', () => {
    const expected = new Map([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
    expect(
      differences(
        expected,
        new Map([
          ['a', true],
          ['b', true],
        ]),
      ),
    ).toEqual(['b: declared refused, measured allowed', 'c: declared allowed, measured itself']);
  });
});

test("Traefik's arguments, image and node are those of the platform's HelmChartConfig", () => {
  const valuesContent =
    'image: { registry: docker.io, repository: traefik, tag: v9@sha256:ab }\nnodeSelector: { kubernetes.io/hostname: control }\nadditionalArguments: [--one]\n';
  const config = {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik' },
    spec: { valuesContent },
  };
  const [deployment, ...others] = traefikChart(config);
  const pod = deployment!['spec'].template.spec;
  expect(others).toEqual([]);
  expect(pod.containers[0].image).toBe('docker.io/traefik:v9');
  expect(pod.containers[0].args.at(-1)).toBe('--one');
  expect(pod.nodeSelector).toEqual({ 'kubernetes.io/hostname': 'control' });
  expect(traefikChart(undefined)[0]!['spec'].template.spec.containers[0].args).not.toContain('--one');
});
