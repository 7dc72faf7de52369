import type { Loose } from '../../../fixtures/loose';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toComposeService, type ServiceOptions } from '../../../../lib/constructs/compose/service';
import type { PodProps } from '../../../../lib/constructs/pod/pod';
import { httpGet, tcpConnect, usualProbes } from '../../../../lib/constructs/pod/probe';
import { fixtures } from '../props/samples';
import { RESOURCES } from '../sample';

const container = { name: 'main', image: 'example/server:1.2.3', resources: RESOURCES };

const serviceOf = (pod: Partial<PodProps>, options: Partial<ServiceOptions> = {}) =>
  toComposeService({ containers: [container], ...pod }, { name: 'sample', ...options }).service as Loose;

it('is as locked down as a pod with nothing said', () => {
  expect(serviceOf({})).toEqual({
    image: 'example/server:1.2.3',
    restart: 'unless-stopped',
    user: '65532:65532',
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    read_only: true,
    stop_grace_period: '30s',
  });
});

it('is writable only where Compose copies files into it', () => {
  const { config } = fixtures();
  const mounts = [{ kind: 'config', config, path: '/etc/app' }] as const;
  expect(serviceOf({ containers: [{ ...container, mounts }] })).not.toHaveProperty('read_only');
});

describe('init containers', () => {
  /** What a shell makes of the entry point, with Compose's dollars undone. */
  function started(first: readonly string[], main: readonly string[], folder: string) {
    const { entrypoint, command } = serviceOf({
      initContainers: [{ ...container, name: 'first', command: first.slice(0, 1), args: first.slice(1) }],
      containers: [{ ...container, command: main.slice(0, 2), args: main.slice(2) }],
    });
    const words = [...entrypoint, ...command].map((word: string) => word.replaceAll('$$', '$'));
    return spawnSync(words[0]!, words.slice(1), { cwd: folder, encoding: 'utf8' });
  }

  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'compose-init-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('run before the program, each with its words as they are', () => {
    const awkward = `it's "$HOME" \\ * $(id)`;
    const { stdout, status } = started(
      ['/bin/sh', '-c', 'printf %s "$1" > first', 'sh', awkward],
      ['/bin/sh', '-c', 'printf "%s|" "$0" "$1"; cat first', awkward, 'two words'],
      folder,
    );
    expect([status, stdout]).toEqual([0, `${awkward}|two words|${awkward}`]);
    expect(readFileSync(join(folder, 'first'), 'utf8')).toBe(awkward);
  });

  it('that fail keep the program from starting', () => {
    const { stdout, status } = started(['/bin/sh', '-c', 'exit 3'], ['/bin/echo', 'started'], folder);
    expect([status, stdout]).toEqual([3, '']);
  });
});

describe('one health check stands for the probes', () => {
  const probed = (prober?: ServiceOptions['prober']) =>
    serviceOf(
      { containers: [{ ...container, probes: usualProbes(httpGet('/well', 80, 'shop.example.org')) }] },
      { prober },
    ).healthcheck;

  it('asks what liveness asks, and while it starts as often and as long as the startup probe', () => {
    expect(probed('busybox')).toEqual({
      test: [
        'CMD',
        'wget',
        '-q',
        '-O',
        '/dev/null',
        '-T',
        '5',
        '--header',
        'Host: shop.example.org',
        'http://127.0.0.1:80/well',
      ],
      interval: '10s',
      timeout: '5s',
      retries: 6,
      start_period: '60s',
      start_interval: '2s',
    });
  });

  it('needs to know what the image can ask with', () => {
    expect(() => probed()).toThrow(
      new Error(
        'sample: its probe asks by http, and Docker can only run a program of the image: name its prober for Compose.',
      ),
    );
  });

  it('opens a connection where the probe does', () => {
    const tcp = { ...container, probes: { readiness: usualProbes(tcpConnect(5432)).readiness } };
    expect(serviceOf({ containers: [tcp] }, { prober: 'busybox' }).healthcheck.test.slice(1)).toEqual([
      'nc',
      '-z',
      '-w',
      '2',
      '127.0.0.1',
      '5432',
    ]);
  });
});

it('leaves out what one machine needs none of, and says when there is nothing of that name', () => {
  const other = { ...container, image: 'example/other:1.0.0', command: ['true'], environment: { OTHER: 'x' } };
  const pod = {
    initContainers: [{ ...other, name: 'first' }],
    containers: [container, { ...other, name: 'sidecar' }],
  };
  expect(serviceOf(pod, { without: ['first', 'sidecar'] })).toEqual(serviceOf({ containers: [container] }));
  expect(() => serviceOf(pod, { without: ['sidecar', 'frist'] })).toThrow(
    new Error('sample: it has no container frist to leave out; it has first, main, sidecar.'),
  );
});

it('starts by itself and again, unless only a person starts it', () => {
  expect(serviceOf({})).toMatchObject({ restart: 'unless-stopped' });
  expect(serviceOf({})).not.toHaveProperty('profiles');
  expect(serviceOf({}, { onlyByHand: true })).toMatchObject({ restart: 'no', profiles: ['by-hand'] });
});

it.each<[string, Partial<PodProps>, string]>([
  [
    'a sidecar',
    { containers: [container, { ...container, name: 'sidecar' }] },
    'sample: 2 containers: under Compose a service is one; make the others services.',
  ],
  [
    'an init container of another image',
    {
      initContainers: [{ ...container, image: 'example/other:1.0.0', name: 'first', command: ['true'] }],
      containers: [{ ...container, command: ['x'] }],
    },
    'sample: init container first: under Compose it runs in the container itself, so both need the same image and a command of their own.',
  ],
  [
    'one variable with two values',
    {
      initContainers: [{ ...container, name: 'first', command: ['true'], environment: { MODE: 'a' } }],
      containers: [{ ...container, command: ['x'], environment: { MODE: 'b' } }],
    },
    'sample: MODE: its containers give it different values, and under Compose they are one.',
  ],
])('refuses %s', (_what, pod, sentence) => {
  expect(() => serviceOf(pod)).toThrow(new Error(sentence));
});
