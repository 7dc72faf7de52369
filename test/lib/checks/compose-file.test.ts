import { composeFindings, composeRule } from '../../../lib/checks/compose/compose-file';

type Service = Record<string, unknown>;

const closed = (more: Service = {}): Service => ({
  image: 'docker.io/library/nginx:1.29',
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  ...more,
});

const found = (services: Readonly<Record<string, Service>>, path = 'compose/compose.yaml') =>
  composeFindings([{ path, content: JSON.stringify({ services }) }]).map(
    ({ file, field, message }) => `${file} ${field}: ${message}`,
  );

test('a service without privilege or published database is agreed to', () => {
  expect(
    found({ api: closed({ ports: ['127.0.0.1:8000:8000'] }), database: closed({ image: 'postgres:16' }) }),
  ).toEqual([]);
});

test.each<[string, Service, string, RegExp]>([
  ['is privileged', { privileged: true }, 'privileged', /root on its machine/],
  ['shares the network of its machine', { network_mode: 'host' }, 'network_mode', /shares the network host/],
  ['keeps capabilities', { cap_drop: ['NET_RAW'] }, 'cap_drop', /not all capabilities/],
  ['says nothing of capabilities', { cap_drop: undefined }, 'cap_drop', /not all capabilities/],
  ['may gain privileges', { security_opt: ['no-new-privileges:false'] }, 'security_opt', /setuid/],
  ['publishes Postgres', { image: 'postgres:16.4', ports: ['5432:5432'] }, 'ports', /5432:5432 opens it/],
  ['publishes the pooler', { image: 'docker.io/edoburu/pgbouncer:1', ports: [6432] }, 'ports', /6432 opens it/],
])('a service that %s is refused', (_, more, field, message) => {
  const [first, ...others] = found({ one: closed(more) });
  expect(others).toEqual([]);
  expect(first).toMatch(new RegExp(`^compose/compose.yaml services.one.${field}: .*${message.source}`));
});

test('only Compose files are read, in any folder', () => {
  const open = { one: closed({ privileged: true }) };
  expect(found(open, 'alerts/rules.yaml')).toEqual([]);
  expect(found(open, 'compose.yml')).toHaveLength(1);
  expect(composeRule.remedy).toContain('lib/constructs/compose');
});
