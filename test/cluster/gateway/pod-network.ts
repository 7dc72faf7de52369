import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { POD_NETWORK } from '../own-network';

const run = promisify(execFile);
let last = 1;

/** A fresh pod address in the tests' own network namespace. */
export async function takePodAddress(): Promise<string> {
  last += 1;
  if (last > 254) throw new Error(`pod network: all addresses of ${POD_NETWORK}.0/24 were used`);
  const address = `${POD_NETWORK}.${last}`;
  await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  return address;
}

/** Removes an address: connections to it fail at once, as after a pod's end. */
export async function dropPodAddress(address: string): Promise<void> {
  await run('ip', ['address', 'del', `${address}/32`, 'dev', 'lo']);
}
