import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretContract } from '../../lib/kubernetes/secret-contract';
import { settings } from '../../facts/settings';
import type { OAuthClient } from './internet';

const CONTRACTS = join(__dirname, '..', '..', 'dist', 'secrets.json');

/** People of one run; made up, at a domain that is reserved for examples (RFC 2606). */
export interface People {
  readonly authorised: string;
  readonly stranger: string;
}

export function madeUpPeople(): People {
  const address = () => `${randomBytes(5).toString('hex')}@example.org`;
  return { authorised: address(), stranger: address() };
}

/**
 * A vault of this run: a value for every key of every contract in `dist/secrets.json`, as a platform engineer would fill it in.
 * Values that somebody outside must agree with are those of the stand-ins; all others are random, of the length that the contract asks.
 */
export function vaultOfRun(
  client: OAuthClient,
  people: People,
): { readonly secrets: Record<string, Record<string, string>> } & Record<string, unknown> {
  const known: Record<string, string> = {
    'database/username': 'ahuora',
    'oauth2-proxy/client-id': client.clientId,
    'oauth2-proxy/client-secret': client.clientSecret,
    'oauth2-proxy/authorised-emails': `${people.authorised}\n`,
    'platform-repository/url': settings.repositoryUrl,
    'platform-repository/githubAppID': '1001',
    'platform-repository/githubAppInstallationID': '2002',
    'platform-repository/githubAppPrivateKey': rsaKey(),
  };
  const { secrets } = JSON.parse(readFileSync(CONTRACTS, 'utf8')) as { secrets: SecretContract[] };
  const token = () => randomBytes(16).toString('hex');
  return {
    k3s_token: token(),
    k3s_agent_token: token(),
    zerotier_network: token(),
    docker_hub_username: token(),
    docker_hub_token: token(),
    secrets: Object.fromEntries(
      secrets
        .filter(({ keys }) => given(keys).length > 0)
        .map(({ namespace, name, keys }) => [
          `${namespace}/${name}`,
          Object.fromEntries(
            given(keys).map((key) => [key.name, known[`${name}/${key.name}`] ?? random(key.generate?.length ?? 24)]),
          ),
        ]),
    ),
  };
}

const given = (keys: SecretContract['keys']) => keys.filter(({ issued }) => issued === undefined);

function random(length: number): string {
  return randomBytes(length).toString('hex').slice(0, length);
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}
