import { deployment, inWeb, web, type Case } from './case';
import { find } from '../sound-platform';

export const secretsCases: readonly Case[] = [
  {
    rule: 'secrets-are-not-rendered',
    when: 'a Secret is rendered',
    breakIt: (p) =>
      p.files[1]!.objects.push({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'web', namespace: 'shop' },
        stringData: { key: 'x' },
      }),
    object: 'Secret/web',
    field: 'kind',
    message: /would be committed/,
  },
  {
    rule: 'no-secret-material',
    when: 'an e-mail address is in a ConfigMap',
    breakIt: (p) => (find(p, 'ConfigMap/web').data.admins = ['someone', 'example.com'].join('@')),
    object: 'ConfigMap/web',
    field: 'data.admins',
    message: /e-mail address/,
  },
  {
    rule: 'no-secret-material',
    when: 'an address carries a password',
    breakIt: (p) => (find(p, 'ConfigMap/web').data.url = ['postgres://shop', 'hunter2@database/shop'].join(':')),
    object: 'ConfigMap/web',
    field: 'data.url',
    message: /password inside an address/,
  },
  {
    rule: 'no-secret-material',
    when: 'a random key stands where a certificate should',
    breakIt: (p) => {
      const key = `${'qX7bT2mVw9RkLz4N'}${'cY8sJ1hGf6DpA3eU'}`;
      find(p, 'ConfigMap/web').data.pem = `-----BEGIN CERTIFICATE-----\n${key}\n-----END CERTIFICATE-----\n`;
    },
    object: 'ConfigMap/web',
    field: 'data.pem',
    message: /random key/,
  },
  {
    rule: 'no-secret-material',
    when: 'a random key is an argument',
    breakIt: (p) => (web(p).args = [`--key=${'qX7bT2mVw9RkLz4N'}${'cY8sJ1hGf6DpA3eU'}`]),
    object: deployment,
    field: inWeb('args[0]'),
    message: /random key/,
  },
  ...['DB_PASS', 'PGPASS', 'SECRET_KEY', 'SECRET_KEY_BASE', 'API_TOKEN_V2', 'REDIS_PWD'].map((name): Case => ({
    rule: 'credentials-come-from-secrets',
    when: `${name} is written out`,
    breakIt: (p) => web(p).env.push({ name, value: 'hunter2' }),
    object: deployment,
    field: inWeb('env[4].value'),
    message: new RegExp(`the value of ${name} is written out`),
  })),
  {
    rule: 'credentials-come-from-secrets',
    when: 'a password is written out',
    breakIt: (p) => web(p).env.push({ name: 'DATABASE_PASSWORD', value: 'hunter2' }),
    object: deployment,
    field: inWeb('env[4].value'),
    message: /value of DATABASE_PASSWORD is written out/,
  },
];
