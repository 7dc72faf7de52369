import { IPv4 } from 'ipaddr.js';
import { Cron } from 'croner';
import { mebibytes } from '../../lib/kubernetes/quantity';
import type { Settings } from './shape';

/** A card of the boards has 64 GB at least; no volume on it can be larger than the largest card there is. */
const SMALLEST_VOLUME_MIB = 1024;
const LARGEST_VOLUME_MIB = 2 * 1024 * 1024;
/** A connection is a process of 5 to 10 MiB: half of the limit of 2 GiB. */
const MOST_CONNECTIONS = 200;
/** The longest that the rule `sign-in-is-not-loosened` agrees to. */
const MOST_SESSION_HOURS = 24;
const MOST_RETENTION_DAYS = 366;
/** Backups take minutes, and each is kept: more than one an hour fills the disk with copies of one day. */
const LEAST_MINUTES_BETWEEN_BACKUPS = 60;
/** The alert of an old backup (argocd/alerts) fires after a day, and an hour in which it may be late. */
const MOST_MINUTES_BETWEEN_BACKUPS = 24 * 60;
/** The newest dump may be the one that holds the mistake. */
const LEAST_DUMPS = 2;
/** Google is asked at each. */
const LEAST_REFRESH_MINUTES = 5;

/** Field and problem. */
type Implausible = readonly [field: string, problem: string] | undefined;

/**
 * Settings that have the right form and cannot be meant.
 *
 * @returns field and problem of the first one; undefined where there is none.
 */
export function implausibleSetting(settings: Settings): Implausible {
  return (
    implausibleName(settings) ??
    implausibleConnections(settings) ??
    implausibleVolume(settings) ??
    implausibleNameServer(settings) ??
    implausibleSignIn(settings) ??
    implausibleMonitoring(settings) ??
    implausibleBackup(settings)
  );
}

function implausibleName({ namespace, branch, postgres }: Settings): Implausible {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    return ['namespace', `"${namespace}" is no name of a namespace; use a-z, 0-9 and -`];
  if (/^(kube-|default$|argocd$|monitoring$)/.test(namespace))
    return [
      'namespace',
      `"${namespace}" belongs to Kubernetes or to another part of the platform; choose one of your own`,
    ];
  if (/^(HEAD|[A-Z_]*HEAD|[0-9a-f]{7,40})$/.test(branch))
    return ['branch', `"${branch}" is no branch, and Argo CD follows one; write it as in main`];
  if (!/^[\w][\w./-]*$/.test(branch)) return ['branch', `"${branch}" is no name of a branch; write it as in main`];
  if (/^(postgres|template[01])$/.test(postgres.database))
    return ['postgres.database', `"${postgres.database}" belongs to Postgres itself; choose a name of your own`];
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(postgres.database))
    return ['postgres.database', `"${postgres.database}" is no name of a database; use a-z, 0-9 and _`];
  return undefined;
}

function implausibleConnections({ postgres, pgbouncer }: Settings): Implausible {
  if (postgres.maxConnections > MOST_CONNECTIONS)
    return [
      'postgres.maxConnections',
      `${postgres.maxConnections} connections of some MiB each are more memory than the database has; write ${MOST_CONNECTIONS} at most`,
    ];
  if (!Number.isInteger(pgbouncer.reservePoolSize) || pgbouncer.reservePoolSize < 0)
    return ['pgbouncer.reservePoolSize', `${pgbouncer.reservePoolSize} is not a whole number; write how many, or 0`];
  if (pgbouncer.maxClientConnections < pgbouncer.poolSize)
    return [
      'pgbouncer.maxClientConnections',
      `${pgbouncer.maxClientConnections} clients never fill the pool of ${pgbouncer.poolSize}; write more`,
    ];
  return undefined;
}

function implausibleVolume({ postgres, backup }: Settings): Implausible {
  for (const [name, { hostPath, size }] of Object.entries({ postgres, backup })) {
    if (hostPath.split('/').filter(Boolean).length < 2 || /(^|\/)\.{1,2}(\/|$)/.test(hostPath))
      return [`${name}.hostPath`, `"${hostPath}" is no folder of its own; write it as in /var/lib/ahuora/data`];
    if (mebibytes(size, `${name}.size`) < SMALLEST_VOLUME_MIB)
      return [`${name}.size`, `${size} holds no database; write it as in 5Gi`];
    if (mebibytes(size, `${name}.size`) > LARGEST_VOLUME_MIB)
      return [`${name}.size`, `${size} is more than any disk of these nodes holds; write it as in 10Gi`];
  }
  return undefined;
}

function implausibleNameServer({ outsideNameServers, podNetwork }: Settings): Implausible {
  if (outsideNameServers.length === 0)
    return ['outsideNameServers', 'nobody is asked for names of the internet; name one or more servers'];
  for (const [index, address] of outsideNameServers.entries()) {
    if (outsideNameServers.indexOf(address) < index)
      return [`outsideNameServers[${index}]`, `${address} is there already; name another server, or this one once`];
    if (IPv4.parse(address).match(IPv4.parseCIDR(podNetwork)))
      return [`outsideNameServers[${index}]`, `${address} is an address of a pod; name a server outside the cluster`];
    // The kubelet and CoreDNS ask those of the LAN already.
    if (IPv4.parse(address).range() !== 'unicast')
      return [
        `outsideNameServers[${index}]`,
        `${address} is no public address, and is asked for what the name servers inside do not know; write one such as 1.1.1.1`,
      ];
  }
  return undefined;
}

function implausibleSignIn({ cookieDomain, session }: Settings): Implausible {
  if (cookieDomain.split('.').filter(Boolean).length < 2)
    return ['cookieDomain', `"${cookieDomain}" is shared with strangers; write your own domain, as in .example.org`];
  if (session.hours > MOST_SESSION_HOURS)
    return [
      'session.hours',
      `${session.hours} h: a stolen cookie is good for as long; write ${MOST_SESSION_HOURS} at most`,
    ];
  if (session.refreshMinutes < LEAST_REFRESH_MINUTES)
    return [
      'session.refreshMinutes',
      `Google is asked every ${session.refreshMinutes} min of each session; write ${LEAST_REFRESH_MINUTES} at least`,
    ];
  return undefined;
}

function implausibleMonitoring({ monitoring }: Settings): Implausible {
  if (!/^[a-z0-9][-a-z0-9]*$/.test(monitoring.clusterName))
    return ['monitoring.clusterName', `"${monitoring.clusterName}" is no name; use a-z, 0-9 and -`];
  for (const field of ['remoteWriteUrl', 'logsUrl'] as const)
    if (/\/\/[^/]*@/.test(monitoring[field]))
      return [`monitoring.${field}`, 'the address holds credentials; leave them to the Secret of the stack'];
  if (pathOf(monitoring.logsUrl) === pathOf(monitoring.remoteWriteUrl))
    return ['monitoring.logsUrl', `${monitoring.logsUrl} is where metrics are taken; write the address of Loki's push`];
  return undefined;
}

function implausibleBackup({ backup, postgres }: Settings): Implausible {
  if (backup.retentionDays > MOST_RETENTION_DAYS)
    return [
      'backup.retentionDays',
      `${backup.retentionDays} dumps do not fit a card; write ${MOST_RETENTION_DAYS} at most`,
    ];
  if (mebibytes(backup.size, 'backup.size') < mebibytes(postgres.size, 'postgres.size'))
    return [
      'backup.size',
      `${backup.size} does not hold one dump of a database that fills its ${postgres.size}; write more`,
    ];
  if (backup.keepAtLeast > backup.retentionDays)
    return [
      'backup.keepAtLeast',
      `${backup.keepAtLeast} nightly dumps are older than the ${backup.retentionDays} days of retentionDays, which then means nothing; write ${backup.retentionDays} at most`,
    ];
  if (backup.keepAtLeast < LEAST_DUMPS)
    return [
      'backup.keepAtLeast',
      `${backup.keepAtLeast} dump may be the one that holds the mistake; write ${LEAST_DUMPS} at least`,
    ];
  const pauses = minutesBetween(backup.schedule);
  const [least, most] = [Math.min(...pauses), Math.max(...pauses)];
  if (least < LEAST_MINUTES_BETWEEN_BACKUPS)
    return ['backup.schedule', `"${backup.schedule}" comes every ${least} min; write one such as "30 1 * * *"`];
  if (most > MOST_MINUTES_BETWEEN_BACKUPS)
    return [
      'backup.schedule',
      `"${backup.schedule}" leaves ${most / 60} h between two dumps, and an alert says so after a day; write one such as "30 1 * * *"`,
    ];
  return undefined;
}

/** Metrics and logs go to two programs, which take them below different paths. */
const pathOf = (url: string) => url.replace(/^[a-z]+:\/\/[^/]*/, '').replace(/\/$/, '');

/** Minutes between the next runs. */
function minutesBetween(schedule: string): number[] {
  const runs = new Cron(schedule, { mode: '5-part', paused: true, timezone: 'UTC' }).nextRuns(4).map(Number);
  return runs.slice(1).map((run, index) => (run - runs[index]!) / 60_000);
}
