import { join } from 'node:path';
import { startGuarded, waitUntil, type GuardedProcess } from '../../fixtures/guarded-process';
import { listens } from '../../fixtures/pgbouncer-server';

/** The client that the provider knows. */
export interface OpenIdClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** Starts an OpenID Connect provider at `http://127.0.0.1:<port>`, which is also its issuer. */
export async function startOpenIdProvider(folder: string, port: number, client: OpenIdClient): Promise<GuardedProcess> {
  const provider = await startGuarded({
    name: 'openid provider',
    command: [process.execPath, join(__dirname, 'openid-provider-program.mjs'), JSON.stringify({ port, ...client })],
    log: join(folder, 'openid-provider.log'),
  });
  await waitUntil('the OpenID provider listens', () => listens(port), 60, provider);
  return provider;
}
