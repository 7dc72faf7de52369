import { join } from 'node:path';
import { ensureDebianPackages } from '../fixtures/debian-packages';
import { pythonEnvironment } from '../fixtures/python-environment';

const REFERENCE_API = join(__dirname, '..', 'fixtures', 'reference-api');

/** The reference API as it is, and on a Granian with the flaws that the platform guards against. */
export const REQUIREMENTS = {
  current: join(REFERENCE_API, 'requirements.txt'),
  flawedGranian: join(REFERENCE_API, 'requirements-flawed-granian.txt'),
} as const;

/** Programs that the tier starts itself; the network namespaces, the git server and the comparison of trees are among them. */
const DEBIAN_PACKAGES = [
  ...['postgresql', 'postgresql-client', 'pgbouncer', 'redis-server', 'chromium'],
  ...['openssl', 'iproute2', 'iptables', 'ipset', 'util-linux', 'git', 'diffutils'],
];

/** Installs what the tests of gateway, database path and termination run; in their own network nothing can be fetched. */
export async function prepareFixtures(): Promise<void> {
  await ensureDebianPackages(DEBIAN_PACKAGES);
  await pythonEnvironment([REQUIREMENTS.current]);
  await pythonEnvironment([REQUIREMENTS.flawedGranian]);
}
