import Ajv from 'ajv';
import { parse } from 'yaml';
import { composeFile } from '../../charts/compose';
import { images } from '../../facts/images';
import { settings } from '../../facts/settings';
import schema from '../../imports/schemas/compose.json';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a parsed file, looked into by tests
const compose = (): any => parse(composeFile(settings).content);

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

/* eslint-disable @typescript-eslint/no-explicit-any -- parsed services */

test('it has the four services of the benchmark on one network, with the images of the cluster', () => {
  const { services, networks } = compose();
  expect(Object.entries(services).map(([name, { image }]: [string, any]) => [name, image])).toEqual([
    ['django-api', images.djangoApi],
    ['idaes', images.idaes],
    ['pgbouncer', images.pgbouncer],
    ['postgres', images.postgres],
  ]);
  expect(Object.keys(networks)).toEqual(['default']);
});

test('no value of a secret is in it, and a missing one stops the start', () => {
  const { services } = compose();
  for (const service of Object.values(services) as any[]) {
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
  const script = compose().configs['10-role-sh'].content;
  expect(script).toContain('"$$DATABASE_NAME"');
  expect(script.replaceAll('$$', '')).not.toContain('$');
});
