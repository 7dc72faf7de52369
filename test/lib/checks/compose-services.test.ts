import { stringify } from 'yaml';
import { composeServiceFindings } from '../../../lib/checks/compose/compose-services';
import { toComposeFile } from '../../../lib/constructs/compose/file';
import { ScheduledJob } from '../../../lib/constructs/workload/job';
import { sampleComponent } from '../constructs/sample';

type Service = Record<string, unknown>;

const pod = { spec: { containers: [{ name: 'api', ports: [{ containerPort: 8000 }] }] } };
const backend = { service: { name: 'api', port: { number: 8000 } } };
const rendered = [
  {
    path: 'platform/api.yaml',
    component: 'api',
    objects: [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: { template: pod } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'solver' }, spec: { template: pod } },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'api' },
        spec: { rules: [{ http: { paths: [{ backend }] } }] },
      },
    ],
  },
];

const HEALTH = { test: ['CMD', 'nc', '-z', '127.0.0.1', '8000'], interval: '10s', timeout: '5s', retries: 3 };
const sound = (more: Service = {}): Service => ({
  image: 'library/api:1.2.3',
  user: '1000:1000',
  restart: 'unless-stopped',
  read_only: true,
  tmpfs: ['/tmp:size=64m,uid=1000,gid=1000,mode=0700'],
  stop_grace_period: '30s',
  healthcheck: HEALTH,
  ports: ['8000:8000'],
  ...more,
});
const SOUND_FILE = {
  networks: { default: { ipam: { config: [{ subnet: '172.30.0.0/24' }] } } },
  volumes: { data: {} },
};

const found = (file: object, name = 'api') =>
  composeServiceFindings([{ path: 'compose/compose.yaml', content: stringify(file) }], rendered).map(
    ({ field, message }) => `${field!.replace(`services.${name}.`, '')}: ${message}`,
  );
const ofApi = (more: Service, name = 'api') => found({ services: { [name]: sound(more) }, ...SOUND_FILE }, name);

const secret = (more: object) => ({
  read_only: undefined,
  secrets: [{ source: 'ca', gid: '1000', mode: 0o440, ...more }],
});

test('a service that runs as its pod does is agreed to', () => {
  expect(ofApi({})).toEqual([]);
  expect(ofApi(secret({}))).toEqual([]);
  expect(ofApi({ restart: 'no', profiles: ['by-hand'] })).toEqual([]);
});

test.each<[string, Service, RegExp]>([
  ['names no version', { image: 'library/api' }, /^image: library\/api names no version/],
  ['runs as whoever its image says', { user: undefined, tmpfs: [] }, /^user: it runs as whoever its image says/],
  ['runs as root', { user: '0:0', tmpfs: [] }, /^user: it runs as 0:0/],
  ['is restarted by no known word', { restart: 'unless_stopped' }, /^restart: "unless_stopped" is none of no, always/],
  ['stays away', { restart: 'no' }, /^restart: it stays away/],
  ['is held back', { mem_limit: '512m' }, /^mem_limit: it is held back/],
  ['sees the processes of its machine', { pid: 'host' }, /^pid: it shares what is the machine’s own/],
  ['may write where it likes', { read_only: undefined }, /^read_only: its root file system can be written to/],
  ['shows its key to everybody', secret({ mode: 0o444 }), /^secrets\[0\]\.mode: ca may be read by others/],
  ['cannot read its key', secret({ gid: '0' }), /^secrets\[0\]\.gid: ca cannot be read by the group 1000/],
  ['cannot read its key by its group', secret({ mode: 0o400 }), /^secrets\[0\]\.gid: ca cannot be read/],
  ['cannot write to its folder', { tmpfs: ['/tmp:size=64m,mode=0700'] }, /^tmpfs\[0\]: .* belongs to root/],
  ['has a folder of a size of Kubernetes', { tmpfs: ['/tmp:size=64mi,uid=1000,gid=1000'] }, /^tmpfs\[0\]: .* no size that Docker reads/],
  ['has such shared memory', { shm_size: '256mi' }, /^shm_size: "256mi" is no amount of Docker/],
  ['has a grace period without a unit', { stop_grace_period: '30' }, /^stop_grace_period: "30" is no duration/],
  ['is asked without a unit', { healthcheck: { ...HEALTH, interval: '10' } }, /^healthcheck\.interval: "10" is no duration/],
  ['is asked for ever', { healthcheck: { ...HEALTH, retries: undefined } }, /^healthcheck\.retries: it is not said/],
  ['is asked by words that no shell joins', { healthcheck: { ...HEALTH, test: ['CMD-SHELL', 'nc', '-z'] } }, /^healthcheck\.test: CMD-SHELL runs no list of words/],
  ['is asked by what its image lacks', { image: 'edoburu/pgbouncer:v1', healthcheck: { ...HEALTH, test: ['CMD', 'python'] } }, /^healthcheck\.test: the image edoburu\/pgbouncer has no python/],
  ['is asked where nobody listens', { healthcheck: { ...HEALTH, test: ['CMD', 'wget', 'http://127.0.0.1:80/'] } }, /^healthcheck\.test: nothing listens on 80/],
  ['publishes some port or other', { ports: ['8000'] }, /^ports\[0\]: 8000 opens no port of the machine that is known/],
  ['publishes where nobody listens', { ports: ['80:80'] }, /^ports\[0\]: nothing listens on 80; the service has 8000/],
  ['begins before whom it waits for', { depends_on: { api: { condition: 'service_started' } } }, /^depends_on\.api\.condition: it begins at service_started/],
])('a service that %s is refused', (_, more, message) => {
  expect(ofApi(more)).toEqual([expect.stringMatching(message)]);
}); // prettier-ignore

test('what the cluster keeps inside is published by no machine either', () => {
  expect(ofApi({}, 'solver')).toEqual([expect.stringMatching(/^ports\[0\]: 8000:8000 opens what no Ingress/)]);
});

const network = (subnet: string) => ({ networks: { default: { ipam: { config: [{ subnet }] } } } });
const access = (block: string) => ({ configs: { hba: { content: `hostssl  all  all  ${block}  scram-sha-256\n` } } });

test.each<[string, object, RegExp]>([
  ["Docker's own bridge", network('172.17.0.0/16'), /172\.17\.0\.0\/16 overlaps 172\.17\.0\.0\/16, which is Docker's own/],
  ['fewer addresses than services', network('172.30.0.0/30'), /172\.30\.0\.0\/30 has no address for each of 2 services/],
  ['a network that no port leads into', { networks: { default: { internal: true } } }, /no published port leads into it/],
  ['a list of access for other clients', access('10.42.0.0/16'), /^configs\.hba\.content: no line lets clients of 172\.30\.0\.0\/24 in/],
  ['a volume that is elsewhere', { volumes: { data: { external: true } } }, /^volumes\.data: Docker is to find it \(external\)/],
  ['a variable that may be empty', { name: '${DATABASE_PASSWORD:-}' }, /^DATABASE_PASSWORD: \$\{DATABASE_PASSWORD:-\} does without/],
  ['a variable that is not insisted on', { name: '${DATABASE_PASSWORD}' }, /^DATABASE_PASSWORD: .* does without/],
])('a file with %s is refused', (_, more, message) => {
  const file = { services: { api: sound(), other: sound({ ports: [] }) }, ...SOUND_FILE, ...more };
  expect(found(file)).toEqual([expect.stringMatching(message)]);
}); // prettier-ignore

test('a list of access that holds the network, and a variable that is insisted on, are agreed to', () => {
  expect(found({ services: {}, ...SOUND_FILE, ...access('172.30.0.0/16'), name: '${A:?set it} $${B}' })).toEqual([]);
});

test('what ends is started by hand alone', () => {
  const component = sampleComponent();
  new ScheduledJob(component, {
    schedule: '0 1 * * *',
    timeZone: 'UTC',
    deadlineSeconds: 60,
    containers: [
      {
        name: 'task',
        image: 'task:1',
        resources: { cpu: { request: '1', limit: '1' }, memory: { request: '1Mi', limit: '1Mi' } },
      },
    ],
  });
  const options = { project: 'p', header: [], subnet: '172.30.0.0/24' };
  expect(() => toComposeFile([component], options)).toThrow(/is a CronJob, which ends, .* set onlyByHand/);
});
