import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { composeEnvironment, environmentFiles } from '../../ansible/compose-environment';

test('a shell that reads it has a value for each variable of the Compose file, and certificates of the names that clients call', () => {
  const compose = readFileSync(environmentFiles.compose, 'utf8');
  const { secrets } = JSON.parse(readFileSync(environmentFiles.contracts, 'utf8'));
  const script = `${composeEnvironment(secrets, compose)}\nexec "$@"`;
  const node = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.env))'];
  const environment = JSON.parse(
    execFileSync('/bin/sh', ['-c', script, 'sh', ...node], { encoding: 'utf8', env: {} }),
  ) as Record<string, string>;
  const { secrets: fileSecrets } = parse(compose) as { secrets: Record<string, { environment: string }> };
  const wanted = [
    ...[...compose.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!),
    ...Object.values(fileSecrets).map(({ environment: name }) => name),
  ];
  expect(wanted.length).toBeGreaterThan(10);
  for (const name of wanted) expect([name, environment[name]]).toEqual([name, expect.stringMatching(/./)]);
  const users = wanted.filter((name) => name.endsWith('_USERNAME')).map((name) => environment[name]);
  expect(new Set(users).size).toBe(new Set(wanted.filter((name) => name.endsWith('_USERNAME'))).size);
  for (const service of ['postgres', 'pgbouncer']) {
    const pem = environment[`${service.toUpperCase()}_CERTIFICATE_TLS_PEM`]!;
    expect(pem).toContain('PRIVATE KEY');
    const verified = execFileSync(
      '/bin/bash',
      ['-c', `openssl verify -CAfile <(printf %s "$CA") -verify_hostname ${service} <(printf %s "$PEM")`],
      { encoding: 'utf8', env: { ...process.env, CA: environment['DATABASE_AUTHORITY_CA_CRT'], PEM: pem } },
    );
    expect(verified).toMatch(/: OK$/m);
  }
});
