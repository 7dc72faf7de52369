import type { Loose, LooseObject } from '../fixtures/loose';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { composeFile } from '../../charts/compose';
import { platform as platformOutput } from '../../charts/platform';
import { BASELINE } from '../../experiments/plan';
import { readInventory } from '../../facts/inventory';
import { images } from '../../facts/images';
import { settings } from '../../facts/settings';
import schema from '../../imports/schemas/compose.json';
import { inPlatform, inProduction, platformFiles } from './rendered';

const compose = (): Loose => parse(TEXT);
const inventory = readInventory('ansible/inventory/hosts.yml', 'ansible/inventory/hosts.yml');
const TEXT = composeFile(platformOutput(inventory), BASELINE).content;

// The schema carries formats of its own, such as `expose`, which no validator knows.
const ajv = new Ajv({ strict: false, validateFormats: false });
// Its `$schema` names draft-07 by an address that no validator knows by heart.
const validate = ajv.compile({ ...schema, $schema: undefined });

test('it is valid against the schema of the Compose specification', () => {
  expect([validate(compose()), validate.errors]).toEqual([true, null]);
});

test.each([
  ['a misspelt field', (file: ReturnType<typeof compose>) => (file.services.idaes.imag = 'x')],
  [
    'a number of retries that is text',
    (file: ReturnType<typeof compose>) => (file.services.postgres.healthcheck.retries = []),
  ],
  ['a config without content', (file: ReturnType<typeof compose>) => (file.configs['pgbouncer-ini'].contents = '')],
])('%s is refused by that schema', (_what, breakIt) => {
  const file = compose();
  breakIt(file);
  expect(validate(file)).toBe(false);
});

test('it has the four services of the benchmark and the migration on one network, with the images of the cluster', () => {
  const { services, networks } = compose();
  expect(Object.entries(services).map(([name, { image }]: [string, Loose]) => [name, image])).toEqual([
    ['database-migration', images.djangoApi],
    ['django-api', images.djangoApi],
    ['idaes', images.idaes],
    ['pgbouncer', images.pgbouncer],
    ['postgres', images.postgres],
  ]);
  expect(Object.keys(networks)).toEqual(['default']);
});

test('the migration is started by hand, straight at Postgres and as the owner; the API is another role', () => {
  const { services } = compose();
  const { profiles, restart, environment } = services['database-migration'];
  expect([profiles, restart]).toEqual([['by-hand'], 'no']);
  expect(environment).toMatchObject({
    DATABASE_HOST: 'postgres',
    DATABASE_USER: '${DATABASE_OWNER_USERNAME:?set it in .env}',
  });
  for (const name of ['django-api', 'pgbouncer'])
    expect(services[name].environment.DATABASE_USER).toBe('${DATABASE_USERNAME:?set it in .env}');
});

test('no value of a secret is in it, and a missing one stops the start', () => {
  const { services } = compose();
  for (const service of Object.values(services) as Loose[]) {
    for (const [name, value] of Object.entries(service.environment)) {
      if (/PASSWORD|SECRET|USER/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?.*\}$/);
    }
  }
});

test('one pooler has as many server connections as all the poolers of the cluster', () => {
  const { replicas, poolSize } = settings.pgbouncer;
  expect(compose().configs['pgbouncer-ini'].content).toContain(`default_pool_size = ${poolSize * replicas}`);
});

test('dollars of scripts are kept from Compose', () => {
  const script = compose().configs['roles-sh'].content;
  expect(script).toContain('"$$DATABASE_NAME"');
  expect(script.replaceAll('$$', '')).not.toContain('$');
});

/** What runs the same program in the cluster. */
const inCluster = {
  'django-api': () => inProduction('Deployment', 'django-api'),
  idaes: () => inProduction('Deployment', 'idaes'),
  pgbouncer: () => inPlatform('Deployment', 'pgbouncer'),
  postgres: () => inPlatform('StatefulSet', 'postgres'),
};

describe.each(Object.keys(inCluster) as (keyof typeof inCluster)[])('%s is what runs in the cluster', (name) => {
  const service = compose().services[name];
  const { spec } = inCluster[name]().spec.template;
  const [container] = spec.containers;

  test('as the same user, with the same time to end', () => {
    const { runAsUser, runAsGroup } = spec.securityContext;
    expect([service.user, service.stop_grace_period]).toEqual([
      `${runAsUser}:${runAsGroup}`,
      `${spec.terminationGracePeriodSeconds}s`,
    ]);
  });

  test('with the same words and variables', () => {
    const words = [...(container.command ?? []), ...(container.args ?? [])];
    const given = [...(service.entrypoint ?? []), ...(service.command ?? [])];
    expect(given.slice(given.length - words.length)).toEqual(words);
    for (const { name: variable, value } of container.env ?? [])
      if (value !== undefined)
        expect([variable, service.environment[variable]]).toEqual([variable, value.replaceAll('$', '$$$$')]);
  });

  test('writes to the same folders and no other', () => {
    const writable = container.volumeMounts
      .filter(({ name: volume }: Loose) => {
        const source = spec.volumes?.find((one: Loose) => one.name === volume);
        return !source?.configMap && !source?.secret;
      })
      .map(({ mountPath }: Loose) => mountPath);
    const own = [...(service.tmpfs ?? []), ...(service.volumes ?? []).map((text: string) => text.split(':')[1])];
    const mounted = own.map((text: string) => text.split(':')[0]);
    expect([...mounted, ...(service.shm_size ? ['/dev/shm'] : [])].sort()).toEqual([...writable].sort());
  });

  test('asks how it is in the same rhythm', () => {
    const { livenessProbe: alive, startupProbe: start } = container;
    expect(service.healthcheck).toMatchObject({
      interval: `${alive.periodSeconds}s`,
      timeout: `${alive.timeoutSeconds}s`,
      retries: alive.failureThreshold,
      start_period: `${start.periodSeconds * start.failureThreshold}s`,
    });
  });
});

test('its files are those of the cluster, at the same paths', () => {
  const { services, configs } = compose();
  const mountedIn = (name: string) =>
    services[name].configs.map(({ source, target }: Loose) => [target, configs[source].content.replaceAll('$$', '$')]);
  const script = platformFiles
    .flatMap(({ objects }): readonly LooseObject[] => objects)
    .find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'postgres-first-start')!.data[
    '10-roles.sh'
  ];
  expect(mountedIn('postgres')).toContainEqual(['/docker-entrypoint-initdb.d/10-roles.sh', script]);
  expect(mountedIn('pgbouncer').map(([target]: [string]) => target)).toEqual([
    '/etc/pgbouncer/pgbouncer.ini',
    '/etc/pgbouncer/write-user-list.sh',
    '/etc/pgbouncer/run.sh',
  ]);
});

test('a service waits until those that it calls are well', () => {
  const { services } = compose();
  const healthy = { condition: 'service_healthy' };
  expect(Object.entries(services).map(([name, { depends_on }]: [string, Loose]) => [name, depends_on])).toEqual([
    ['database-migration', { postgres: healthy }],
    ['django-api', { idaes: healthy, pgbouncer: healthy }],
    ['idaes', undefined],
    ['pgbouncer', { postgres: healthy }],
    ['postgres', undefined],
  ]);
});

test('no service is read-only that Compose copies files into, which it refuses', () => {
  for (const service of Object.values(compose().services) as Loose[])
    expect([service.configs !== undefined || service.secrets !== undefined, service.read_only]).toEqual(
      service.configs || service.secrets ? [true, undefined] : [false, true],
    );
});
