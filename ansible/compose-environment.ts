import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseRoles } from '../facts/secrets';
import { program } from '../lib/console/program';
import type { SecretContract } from '../lib/kubernetes/secret-contract';
import { readContracts } from './vault-example';

const ROOT = join(__dirname, '..');
const ISSUER = join(__dirname, 'roles', 'k3s_deployments', 'files', 'platform-certificates');
/** The benchmark's stack is thrown away after each trial; its certificates outlast a campaign. */
const DAYS = 30;

/** Where the contracts are, and the file whose variables are given. */
export const environmentFiles = {
  contracts: join(ROOT, 'dist', 'secrets.json'),
  compose: join(ROOT, 'dist', 'compose', 'compose.yaml'),
};

/**
 * The environment of the benchmark under Docker Compose, as a POSIX shell reads it: a made-up value for each variable that its file
 * names, certificates by an authority of its own, whose key is thrown away.
 */
export function composeEnvironment(contracts: readonly SecretContract[], compose: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ahuora-compose-'));
  try {
    const servers = contracts.flatMap(({ name, keys }) =>
      keys.flatMap(({ issued }) => (issued?.what === 'server' ? [`${name}=${issued.names.join(',')}`] : [])),
    );
    execFileSync('/bin/bash', [ISSUER, folder, String(DAYS), '1', ...servers]);
    const lines = contracts.flatMap(({ name, keys }) =>
      keys.map((key) => [
        `${name}_${key.name}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_'),
        valueOf(name, key, folder),
      ]),
    );
    const named = lines.filter(([variable]) => new RegExp(`\\b${variable}\\b`).test(compose));
    // Neither PEM nor hexadecimal has a quote.
    return named.map(([variable, value]) => `export ${variable}='${value}'\n`).join('');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function valueOf(secret: string, key: SecretContract['keys'][number], folder: string): string {
  if (key.issued?.what === 'authority') return readFileSync(join(folder, 'authority.crt'), 'utf8');
  if (key.issued?.what === 'server') return readFileSync(join(folder, `${secret}.pem`), 'utf8');
  if (key.name === 'username' && isRoleSecret(secret)) return databaseRoles[secret];
  return randomBytes(32).toString('hex');
}

function isRoleSecret(secret: string): secret is keyof typeof databaseRoles {
  return secret in databaseRoles;
}

if (require.main === module) {
  program(
    'compose-environment',
    'Print made-up passwords and certificates for the benchmark under Docker Compose, to be read by a shell.',
    'npm run --silent compose-environment > ~/.ahuora-compose && . ~/.ahuora-compose',
  )
    .action(() => {
      const secrets = readContracts<SecretContract>(environmentFiles.contracts);
      process.stdout.write(composeEnvironment(secrets, readFileSync(environmentFiles.compose, 'utf8')));
    })
    .parse();
}
