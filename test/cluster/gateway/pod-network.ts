import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { POD_NETWORK } from '../own-network';

const run = promisify(execFile);
let last = 1;

/** A fresh pod address in the tests' own network namespace; those of an earlier test file may still be there. */
export async function takePodAddress(): Promise<string> {
  for (;;) {
    last += 1;
    if (last > 254) throw new Error(`pod network: all addresses of ${POD_NETWORK}.0/24 were used`);
    const address = `${POD_NETWORK}.${last}`;
    if (await addAddress(address)) return address;
  }
}

/** False where the address is taken. */
async function addAddress(address: string): Promise<boolean> {
  try {
    await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
    return true;
  } catch (error) {
    if (/already assigned|File exists/.test((error as { stderr?: string }).stderr ?? '')) return false;
    throw error;
  }
}

/** Removes an address: connections to it fail at once, as after a pod's end. */
export async function dropPodAddress(address: string): Promise<void> {
  await run('ip', ['address', 'del', `${address}/32`, 'dev', 'lo']);
}
