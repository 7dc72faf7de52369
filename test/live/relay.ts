import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, type Daemon } from '../cluster/daemon';
import { eventually } from '../cluster/eventually';

/** A port on this machine's loopback that leads to an address inside a network namespace. */
export interface Relay {
  readonly port: number;
  stop(): Promise<void>;
}

/** One way in: where it leads, and the port on loopback, 0 for a free one. */
export interface RelayTarget {
  readonly host: string;
  readonly port: number;
  readonly listen?: number;
}

/** Opens ways from loopback into one namespace. */
export async function openRelays<Name extends string>(
  folder: string,
  namespace: string,
  targets: Readonly<Record<Name, RelayTarget>>,
): Promise<Record<Name, Relay>> {
  const names = Object.keys(targets) as Name[];
  // A Unix socket's path may have no more than 107 characters.
  const socketOf = (name: Name) => join(folder, `${name}.sock`);
  const wanted = names.map((name) => [socketOf(name), targets[name].host, targets[name].port]);
  const daemon: Daemon = startDaemon(
    `relay-${namespace}`,
    'nsenter',
    [
      `--net=/run/netns/${namespace}`,
      process.execPath,
      join(__dirname, 'stand-ins', 'relay.mjs'),
      JSON.stringify(wanted),
    ],
    { folder },
  );
  await eventually(
    `the relays into ${namespace} listen`,
    async () => names.every((name) => existsSync(socketOf(name))),
    20_000,
  );
  const servers = await Promise.all(names.map((name) => listen(socketOf(name), targets[name].listen ?? 0)));
  const stop = async () => {
    for (const server of servers) server.close();
    await daemon.stop(100);
  };
  return Object.fromEntries(
    names.map((name, index) => [name, { port: (servers[index]!.address() as AddressInfo).port, stop }]),
  ) as Record<Name, Relay>;
}

function listen(socket: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: socket, allowHalfOpen: true });
    near.pipe(far);
    far.pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    // Open connections alone keep nothing alive.
    server.unref();
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
