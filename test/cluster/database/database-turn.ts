import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port of the tier's own network that nothing else listens on: who has it, has the turn, and the kernel ends it with the process. */
const TURN = 5431;

/** Time for a turn and for starting what it is for, milliseconds: three files, of a minute each on a quiet machine. */
export const TURN_TIMEOUT_MS = 600_000;

/**
 * Waits until no other file of tests has a database at the platform's own ports, since files run side by side in one network.
 *
 * @returns the end of the turn.
 */
export async function databaseTurn(): Promise<() => void> {
  for (;;) {
    const server = createServer();
    const taken = await new Promise<boolean>((resolve, reject) => {
      server.once('listening', () => resolve(true));
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      );
      server.listen(TURN, '127.0.0.1');
    });
    if (taken) return () => void server.close();
    await sleep(200);
  }
}
