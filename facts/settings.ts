import { secondsOfDay } from '../lib/kubernetes/schedule/time-of-day';
import { IPv4 } from 'ipaddr.js';
import { oddNight } from '../lib/kubernetes/schedule/clock-change';
import { isTimeZone, scheduleProblem } from '../lib/kubernetes/schedule/cron';
import { implausibleSetting } from './platform-settings/plausible';
import type { Settings } from './platform-settings/shape';
import { clusterNode } from './inventory';
import type { Inventory } from '../lib/kubernetes/inventory';
import { mebibytes } from '../lib/kubernetes/quantity';

export type { Settings } from './platform-settings/shape';

/** The settings of the Ahuora platform. */
export const settings: Settings = {
  namespace: 'ahuora',
  repositoryUrl: 'https://github.com/ahuora/platform-infrastructure.git',
  branch: 'main',
  hosts: { frontEnd: 'ahuora.org.nz', api: 'api.ahuora.org.nz', auth: 'auth.ahuora.org.nz' },
  cookieDomain: '.ahuora.org.nz',
  // A working day; who works longer is refreshed. A trial of the experiments takes a quarter of an hour.
  session: { hours: 12, refreshMinutes: 30 },
  internetNode: 'control',
  outsideNameServers: ['1.1.1.1', '8.8.8.8'],
  podNetwork: '10.42.0.0/16',
  postgres: {
    node: 'worker-1',
    hostPath: '/var/lib/ahuora/postgres',
    size: '5Gi',
    database: 'ahuora',
    maxConnections: 100,
  },
  pgbouncer: { replicas: 2, poolSize: 35, reservePoolSize: 5, maxClientConnections: 1000 },
  backup: {
    node: 'worker-2',
    hostPath: '/var/lib/ahuora/postgres-backup',
    size: '10Gi',
    // Before the clocks are changed: between 02:00 and 03:00 one night a year has no 02:30, and another has two.
    schedule: '30 1 * * *',
    timeZone: 'Pacific/Auckland',
    retentionDays: 14,
    keepAtLeast: 3,
  },
  signals: { enabled: false, scrapeSeconds: 5, windowSeconds: 20, relistSeconds: 30, peaks: [] },
  monitoring: {
    clusterName: 'ahuora',
    // Both stand for the addresses on the stack's own page at Grafana Cloud: docs/how-to/fill-the-vault.md.
    remoteWriteUrl: 'https://prometheus.example.grafana.net/api/prom/push',
    logsUrl: 'https://logs.example.grafana.net/loki/api/v1/push',
  },
};

/**
 * Holds the settings against what Ansible gives to K3s.
 *
 * @throws Error with one sentence when they differ.
 */
export function refuseOtherNetwork({ podNetwork }: Settings, pods: string, file: string): void {
  if (podNetwork === pods) return;
  fail('podNetwork', `"${podNetwork}" is not pod_network of ${file}, which is ${pods}; write the same in both`);
}

/**
 * Holds the public hosts against the domain of the LAN, for which the name server on ingress answers alone.
 *
 * @throws Error with one sentence when a host lies in it.
 */
export function refusePublicDomain({ hosts }: Settings, domain: string, file: string): void {
  const taken = Object.values(hosts).find((host) => `.${host}`.endsWith(`.${domain}`));
  if (taken)
    throw new Error(
      `${file}: domain_name: "${domain}" holds ${taken}, which the LAN would no longer find; write one such as ahuora.internal.`,
    );
}

const FILE = 'facts/settings.ts';
const DNS_NAME = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/;

/**
 * Holds the settings against the inventory and against each other.
 *
 * @throws Error with one sentence: the field, what is wrong, what to do.
 */
export function validateSettings(candidate: Settings, inventory: Inventory): void {
  validatePlacement(candidate, inventory);
  validateNumbers(candidate);
  validateSignals(candidate);
  validateSession(candidate);
  validateAddresses(candidate);
  validateHosts(candidate);
  validateSchedule(candidate.backup);
  const implausible = implausibleSetting(candidate);
  if (implausible) fail(...implausible);
  refuseOddNight(candidate.backup);
}

/** What is pinned to a node, and where on its disk it lies. */
function validatePlacement({ internetNode, postgres, backup }: Settings, inventory: Inventory): void {
  if (!clusterNode(inventory, internetNode, `${FILE}: internetNode`).hasUplink) {
    fail('internetNode', `"${internetNode}" has no uplink; choose a node with wifi: true in the inventory`);
  }
  for (const [field, { node }] of Object.entries({ postgres, backup })) {
    clusterNode(inventory, node, `${FILE}: ${field}.node`);
  }
  if (postgres.node === backup.node) {
    fail(
      'backup.node',
      `"${backup.node}" also holds the database, and one broken disk would take both; choose another node`,
    );
  }
  for (const [field, { hostPath, size }] of Object.entries({ postgres, backup })) {
    mebibytes(size, `${FILE}: ${field}.size`);
    if (hostPath.startsWith('/')) continue;
    fail(`${field}.hostPath`, `"${hostPath}" does not begin at the root; write it as in /var/lib/ahuora/data`);
  }
}

function validateNumbers({ session, postgres, pgbouncer, signals, backup }: Settings): void {
  for (const [field, value] of Object.entries({
    'session.hours': session.hours,
    'session.refreshMinutes': session.refreshMinutes,
    'postgres.maxConnections': postgres.maxConnections,
    'pgbouncer.replicas': pgbouncer.replicas,
    'pgbouncer.poolSize': pgbouncer.poolSize,
    'pgbouncer.maxClientConnections': pgbouncer.maxClientConnections,
    'signals.scrapeSeconds': signals.scrapeSeconds,
    'signals.windowSeconds': signals.windowSeconds,
    'signals.relistSeconds': signals.relistSeconds,
    'backup.retentionDays': backup.retentionDays,
    'backup.keepAtLeast': backup.keepAtLeast,
  })) {
    if (!Number.isInteger(value) || value < 1) fail(field, `${value} is not a whole number above 0; write how many`);
  }
}

function validateSignals({ signals: { peaks, windowSeconds, scrapeSeconds } }: Settings): void {
  for (const [index, peak] of peaks.entries()) {
    if (secondsOfDay(peak) !== undefined) continue;
    fail(`signals.peaks[${index}]`, `"${peak}" is not a time of day; write it as in 08:30, in UTC`);
  }
  if (windowSeconds >= 3 * scrapeSeconds) return;
  fail(
    'signals.windowSeconds',
    `${windowSeconds} s hold fewer than three scrapes, and a rate needs two although one fails; write at least three times scrapeSeconds`,
  );
}

function validateSession({ session: { hours, refreshMinutes } }: Settings): void {
  if (refreshMinutes < hours * 60) return;
  fail('session.refreshMinutes', `${refreshMinutes} is no less than the ${hours} h of a session; write fewer`);
}

/** Ranges, addresses and URLs by their form. */
function validateAddresses({ podNetwork, outsideNameServers, repositoryUrl, monitoring }: Settings): void {
  if (!IPv4.isValidCIDR(podNetwork)) {
    fail('podNetwork', `"${podNetwork}" is not a range of addresses; write it as in 10.42.0.0/16`);
  }
  for (const [index, address] of outsideNameServers.entries()) {
    if (IPv4.isValidFourPartDecimal(address)) continue;
    fail(`outsideNameServers[${index}]`, `"${address}" is not an address; write four numbers such as 192.0.2.53`);
  }
  if (!/^https:\/\/[\w.-]+\/\S+$/.test(repositoryUrl)) {
    fail('repositoryUrl', `"${repositoryUrl}" is not an address; write it as in https://…/platform.git`);
  }
  for (const field of ['remoteWriteUrl', 'logsUrl'] as const) {
    const url = monitoring[field];
    if (/^https:\/\/[^\s/]+\/\S*$/.test(url)) continue;
    fail(`monitoring.${field}`, `"${url}" is not an address; write it as in https://…/push, from the stack's page`);
  }
}

function validateSchedule({ schedule, timeZone }: Settings['backup']): void {
  if (!isTimeZone(timeZone)) {
    fail('backup.timeZone', `"${timeZone}" is not a time zone; write a name such as Pacific/Auckland`);
  }
  if (!/^(\S+ ){4}\S+$/.test(schedule)) {
    fail('backup.schedule', `"${schedule}" does not have five fields; write one such as "30 1 * * *"`);
  }
  const problem = scheduleProblem(schedule);
  if (problem) fail('backup.schedule', `"${schedule}" is no schedule: ${problem}; write one such as "30 3 * * *"`);
}

/** A night on which clocks are changed may have the hour twice, or not at all. */
function refuseOddNight({ schedule, timeZone }: Settings['backup']): void {
  const night = oddNight(schedule, timeZone);
  if (!night) return;
  const what = night.times === 0 ? 'does not come' : 'comes twice';
  fail('backup.schedule', `"${schedule}" ${what} on ${night.date}, when clocks are changed; choose another hour`);
}

function validateHosts({ hosts, cookieDomain }: Settings): void {
  const seen = new Map<string, string>();
  if (!/^\.[a-z0-9]/.test(cookieDomain))
    fail('cookieDomain', `"${cookieDomain}" does not begin with a dot; write it as in .example.org`);
  for (const [name, host] of Object.entries(hosts)) {
    if (!DNS_NAME.test(host)) fail(`hosts.${name}`, `"${host}" is not a host name; write it as in api.example.org`);
    const other = seen.get(host);
    if (other) fail(`hosts.${name}`, `"${host}" is also hosts.${other}; give each its own host`);
    seen.set(host, name);
    if (!`.${host}`.endsWith(cookieDomain)) {
      fail(
        'cookieDomain',
        `"${cookieDomain}" does not cover hosts.${name} "${host}"; sign-in would loop, so use their common parent`,
      );
    }
  }
  const parent = commonParent(Object.values(hosts));
  const parts = cookieDomain.split('.').filter(Boolean).length;
  if (parts > 1 && parts < parent.split('.').length)
    fail(
      'cookieDomain',
      `"${cookieDomain}" sends the session to hosts of others too; write the narrowest parent of all hosts, .${parent}`,
    );
}

/** The longest name that all hosts end in. */
function commonParent(hosts: readonly string[]): string {
  const [first = [], ...others] = hosts.map((host) => host.split('.').reverse());
  const shared = first.findIndex((part, index) => others.some((parts) => parts[index] !== part));
  return first
    .slice(0, shared < 0 ? first.length : shared)
    .reverse()
    .join('.');
}

function fail(field: string, problem: string): never {
  throw new Error(`${FILE}: ${field}: ${problem}.`);
}
