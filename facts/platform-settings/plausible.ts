import { IPv4 } from 'ipaddr.js';
import { Cron } from 'croner';
import { mebibytes } from '../../lib/kubernetes/quantity';
import type { Settings } from './shape';

/** A card of the boards has 64 GB at least; no volume on it can be larger than the largest card there is. */
const LARGEST_VOLUME_MIB = 2 * 1024 * 1024;
/** Backups take minutes, and each is kept: more than one an hour fills the disk with copies of one day. */
const LEAST_MINUTES_BETWEEN_BACKUPS = 60;

/**
 * Settings that have the right form and cannot be meant.
 *
 * @returns field and problem of the first one; undefined where there is none.
 */
export function implausibleSetting(settings: Settings): readonly [field: string, problem: string] | undefined {
  const { branch, postgres, pgbouncer, backup, outsideNameServers, podNetwork, cookieDomain, monitoring } = settings;
  if (!/^[\w][\w./-]*$/.test(branch)) return ['branch', `"${branch}" is no name of a branch; write it as in main`];
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(postgres.database))
    return ['postgres.database', `"${postgres.database}" is no name of a database; use a-z, 0-9 and _`];
  if (!Number.isInteger(pgbouncer.reservePoolSize) || pgbouncer.reservePoolSize < 0)
    return ['pgbouncer.reservePoolSize', `${pgbouncer.reservePoolSize} is not a whole number; write how many, or 0`];
  if (pgbouncer.maxClientConnections < pgbouncer.poolSize)
    return [
      'pgbouncer.maxClientConnections',
      `${pgbouncer.maxClientConnections} clients never fill the pool of ${pgbouncer.poolSize}; write more`,
    ];
  for (const [name, { hostPath, size }] of Object.entries({ postgres, backup })) {
    if (hostPath.split('/').filter(Boolean).length < 2 || /(^|\/)\.{1,2}(\/|$)/.test(hostPath))
      return [`${name}.hostPath`, `"${hostPath}" is no folder of its own; write it as in /var/lib/ahuora/data`];
    if (mebibytes(size, `${name}.size`) > LARGEST_VOLUME_MIB)
      return [`${name}.size`, `${size} is more than any disk of these nodes holds; write it as in 10Gi`];
  }
  if (outsideNameServers.length === 0)
    return ['outsideNameServers', 'nobody is asked for names of the internet; name one or more servers'];
  for (const [index, address] of outsideNameServers.entries()) {
    if (!IPv4.parse(address).match(IPv4.parseCIDR(podNetwork))) continue;
    return [`outsideNameServers[${index}]`, `${address} is an address of a pod; name a server outside the cluster`];
  }
  if (cookieDomain.split('.').filter(Boolean).length < 2)
    return ['cookieDomain', `"${cookieDomain}" is shared with strangers; write your own domain, as in .example.org`];
  if (!/^[a-z0-9][-a-z0-9]*$/.test(monitoring.clusterName))
    return ['monitoring.clusterName', `"${monitoring.clusterName}" is no name; use a-z, 0-9 and -`];
  const minutes = minutesBetween(backup.schedule);
  if (minutes < LEAST_MINUTES_BETWEEN_BACKUPS)
    return ['backup.schedule', `"${backup.schedule}" comes every ${minutes} min; write one such as "30 1 * * *"`];
  return undefined;
}

/** Least minutes between the next runs. */
function minutesBetween(schedule: string): number {
  const runs = new Cron(schedule, { mode: '5-part', paused: true, timezone: 'UTC' }).nextRuns(4).map(Number);
  return Math.min(...runs.slice(1).map((run, index) => (run - runs[index]!) / 60_000));
}
