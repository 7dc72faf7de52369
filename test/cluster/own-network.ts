import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';

/**
 * tsx test/cluster/own-network.ts COMMAND ARGUMENT… runs it in a network namespace with only the loopback device: Endpoints
 * refuse loopback addresses, so pods get {@link POD_NETWORK}, and no test can reach the machine's network.
 */
function main([command, ...args]: readonly string[]): void {
  if (command === undefined) throw new Error('own-network: name a command to run');
  const isRoot = process.getuid?.() === 0;
  // Others need a user namespace to own the network; in it they keep their name and their rights over the network.
  const identity = isRoot ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const script = `ip link set lo up && ${VARIABLE}=$(readlink ${NAMESPACE}) exec "$@"`;
  const inside = ['unshare', ...identity, '--net', '--', 'sh', '-c', script, 'sh', command, ...args];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...inside], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`own-network: cannot run setpriv and unshare (Debian package util-linux): ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** First three numbers of the addresses that pods get in the namespace. */
export const POD_NETWORK = '10.42.99';

/** Which namespace was made, for those that run in it: by its devices it cannot be told, since a test may add some. */
const VARIABLE = 'TEST_NETWORK_NAMESPACE';
const NAMESPACE = '/proc/self/ns/net';

/**
 * Whether this process runs in the network namespace that was made for it.
 *
 * @throws Error saying how to run the tests, when it does not.
 */
export function requireOwnNetwork(): void {
  if (process.env[VARIABLE] !== readlinkSync(NAMESPACE)) {
    throw new Error('this test needs a network namespace of its own; run it by: npm run test:cluster -- NAME');
  }
}

if (require.main === module) main(process.argv.slice(2));
