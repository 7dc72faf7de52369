import { ConnectionPooler, type ConnectionPoolerProps } from '../../../../lib/constructs/database/connection-pooler';
import { serviceEndpoint } from '../../../../lib/constructs/network/endpoint';
import { Secret } from '../../../../lib/kubernetes/secret';
import { kindsOf, only, RESOURCES, sampleComponent } from '../sample';

const secret = new Secret('login', {
  user: { description: 'A role.' },
  password: { description: 'Its password.' },
  certificate: { description: 'Of the pooler.' },
  authority: { description: 'Of the server.' },
});

const NEEDED: ConnectionPoolerProps = {
  image: 'example/pooler:1.2.3',
  port: 6432,
  replicas: 1,
  server: serviceEndpoint('server', 5432),
  database: 'stock',
  username: secret.key('user'),
  password: secret.key('password'),
  certificate: secret.key('certificate'),
  authority: secret.key('authority'),
  poolSize: 20,
  reservePoolSize: 5,
  maxClientConnections: 500,
  serverMaxConnections: 100,
  resources: RESOURCES,
};

function pooler(change: Partial<ConnectionPoolerProps> = {}) {
  const component = sampleComponent('pooler');
  new ConnectionPooler(component, { ...NEEDED, ...change });
  return component;
}

it('of two pods has a budget', () => {
  expect(kindsOf(pooler({ replicas: 2 }))).toEqual([
    'ConfigMap/pooler-config',
    'Deployment/pooler',
    'Service/pooler',
    'PodDisruptionBudget/pooler',
  ]);
});

it('with no more than it needs, waits 3 s before it uses its reserve', () => {
  expect(only(pooler(), 'ConfigMap').data['pgbouncer.ini']).toContain('reserve_pool_timeout = 3\n');
});

it('never runs a surplus pooler during a roll-out, whose connections the server does not have', () => {
  expect(only(pooler(), 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
});

it('may use exactly what the server leaves, and not one more', () => {
  expect(() => pooler({ poolSize: 85, reservePoolSize: 5 })).not.toThrow();
  expect(() => pooler({ poolSize: 86, reservePoolSize: 5 })).toThrow(
    new Error(
      'pooler: 1 poolers x (86 + 5 in reserve) = 91 connections, but the server leaves 90 (max_connections 100 less 10 kept); lower poolSize or replicas.',
    ),
  );
});
