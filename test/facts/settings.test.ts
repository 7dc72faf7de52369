import { platform } from '../../charts/platform';
import { PgBouncer } from '../../charts/pgbouncer';
import { settings, type Settings } from '../../facts/settings';
import { workloadTrees } from '../../charts/workloads';
import { BASELINE } from '../../experiments/plan';
import { COMPONENTS, model } from '../../main';
import { clusterNodes, readInventory } from '../../facts/inventory';
import { VersionedJob } from '../../lib/constructs/workload/job';
import { AhuoraComponent, type Platform } from '../../charts/platform';
import { secrets } from '../../facts/secrets';

const inventory = readInventory('ansible/inventory/hosts.yml');
const nodes = clusterNodes(inventory)
  .map(({ name }) => name)
  .join(', ');
const modelWith = (change: Partial<Settings>) => () => model({ ...settings, ...change }, inventory);

describe('bad settings are refused with one sentence', () => {
  it.each<[string, Partial<Settings>, string]>([
    [
      'an unknown node for the database',
      { postgres: { ...settings.postgres, node: 'worker-99' } },
      `facts/settings.ts: postgres.node: no cluster node is called "worker-99"; choose one of ${nodes}.`,
    ],
    [
      'a node outside the cluster for the dumps',
      { backup: { ...settings.backup, node: 'ingress' } },
      `facts/settings.ts: backup.node: no cluster node is called "ingress"; choose one of ${nodes}.`,
    ],
    [
      'a namespace of Kubernetes',
      { namespace: 'kube-system' },
      'facts/settings.ts: namespace: "kube-system" belongs to Kubernetes or to another part of the platform; choose one of your own.',
    ],
    [
      'a namespace with a capital',
      { namespace: 'Ahuora' },
      'facts/settings.ts: namespace: "Ahuora" is no name of a namespace; use a-z, 0-9 and -.',
    ],
    [
      'more connections than there is memory for',
      { postgres: { ...settings.postgres, maxConnections: 100_000 } },
      'facts/settings.ts: postgres.maxConnections: 100000 connections of some MiB each are more memory than the database has; write 200 at most.',
    ],
    [
      'a name server twice',
      { outsideNameServers: ['1.1.1.1', '1.1.1.1'] },
      'facts/settings.ts: outsideNameServers[1]: 1.1.1.1 is there already; name another server, or this one once.',
    ],
    [
      'credentials in an address',
      { monitoring: { ...settings.monitoring, logsUrl: 'https://user:password@logs.example.net/push' } },
      'facts/settings.ts: monitoring.logsUrl: the address holds credentials; leave them to the Secret of the stack.',
    ],
    [
      'dumps of ten years',
      { backup: { ...settings.backup, retentionDays: 3650 } },
      'facts/settings.ts: backup.retentionDays: 3650 dumps do not fit a card; write 366 at most.',
    ],
    [
      'a session of a week',
      { session: { ...settings.session, hours: 168 } },
      'facts/settings.ts: session.hours: 168 h: a stolen cookie is good for as long; write 24 at most.',
    ],
    ['no branch', { branch: '' }, 'facts/settings.ts: branch: "" is no name of a branch; write it as in main.'],
    [
      'a dump a week',
      { backup: { ...settings.backup, schedule: '30 1 * * 0' } },
      'facts/settings.ts: backup.schedule: "30 1 * * 0" leaves 168 h between two dumps, and an alert says so after a day; write one such as "30 1 * * *".',
    ],
    [
      'one dump',
      { backup: { ...settings.backup, keepAtLeast: 1 } },
      'facts/settings.ts: backup.keepAtLeast: 1 dump may be the one that holds the mistake; write 2 at least.',
    ],
    [
      'a session that Google is asked for each minute',
      { session: { ...settings.session, refreshMinutes: 1 } },
      'facts/settings.ts: session.refreshMinutes: Google is asked every 1 min of each session; write 5 at least.',
    ],
    [
      'a commit for a branch',
      { branch: '4b8e02a' },
      'facts/settings.ts: branch: "4b8e02a" is no branch, and Argo CD follows one; write it as in main.',
    ],
    [
      'the database of Postgres itself',
      { postgres: { ...settings.postgres, database: 'template1' } },
      'facts/settings.ts: postgres.database: "template1" belongs to Postgres itself; choose a name of your own.',
    ],
    [
      'a node without an uplink for the tunnel',
      { internetNode: 'worker-1' },
      'facts/settings.ts: internetNode: "worker-1" has no uplink; choose a node with wifi: true in the inventory.',
    ],
    [
      'a peak that is no time of day',
      { signals: { ...settings.signals, peaks: ['08:30', '24:00'] } },
      'facts/settings.ts: signals.peaks[1]: "24:00" is not a time of day; write it as in 08:30, in UTC.',
    ],
    [
      'a session that is refreshed after its end',
      { session: { ...settings.session, hours: 1, refreshMinutes: 60 } },
      'facts/settings.ts: session.refreshMinutes: 60 is no less than the 1 h of a session; write fewer.',
    ],
    [
      'a range of pods that is none',
      { podNetwork: '10.42.0.0' },
      'facts/settings.ts: podNetwork: "10.42.0.0" is not a range of addresses; write it as in 10.42.0.0/16.',
    ],
    [
      'a name server by name',
      { outsideNameServers: ['dns.example.org'] },
      'facts/settings.ts: outsideNameServers[0]: "dns.example.org" is not an address; write four numbers such as 192.0.2.53.',
    ],
    [
      'a repository over SSH',
      { repositoryUrl: 'ssh://git.example.org/platform.git' },
      'facts/settings.ts: repositoryUrl: "ssh://git.example.org/platform.git" is not an address; write it as in https://…/platform.git.',
    ],
    [
      'metrics that go somewhere in clear text',
      { monitoring: { ...settings.monitoring, remoteWriteUrl: 'http://prometheus.example.org/push' } },
      'facts/settings.ts: monitoring.remoteWriteUrl: "http://prometheus.example.org/push" is not an address; write it as in https://…/push, from the stack\'s page.',
    ],
    [
      'a name that no database has',
      { postgres: { ...settings.postgres, database: 'ahuora platform' } },
      'facts/settings.ts: postgres.database: "ahuora platform" is no name of a database; use a-z, 0-9 and _.',
    ],
    [
      'a reserve below nothing',
      { pgbouncer: { ...settings.pgbouncer, reservePoolSize: -5 } },
      'facts/settings.ts: pgbouncer.reservePoolSize: -5 is not a whole number; write how many, or 0.',
    ],
    [
      'fewer clients than connections',
      { pgbouncer: { ...settings.pgbouncer, maxClientConnections: 10 } },
      'facts/settings.ts: pgbouncer.maxClientConnections: 10 clients never fill the pool of 35; write more.',
    ],
    [
      'the root for a volume',
      { backup: { ...settings.backup, hostPath: '/' } },
      'facts/settings.ts: backup.hostPath: "/" is no folder of its own; write it as in /var/lib/ahuora/data.',
    ],
    [
      'a folder by a detour',
      { postgres: { ...settings.postgres, hostPath: '/var/lib/../etc' } },
      'facts/settings.ts: postgres.hostPath: "/var/lib/../etc" is no folder of its own; write it as in /var/lib/ahuora/data.',
    ],
    [
      'a volume that no disk holds',
      { backup: { ...settings.backup, size: '100Ti' } },
      'facts/settings.ts: backup.size: 100Ti is more than any disk of these nodes holds; write it as in 10Gi.',
    ],
    [
      'no name server',
      { outsideNameServers: [] },
      'facts/settings.ts: outsideNameServers: nobody is asked for names of the internet; name one or more servers.',
    ],
    [
      'a name server in the cluster',
      { outsideNameServers: ['10.42.0.10'] },
      'facts/settings.ts: outsideNameServers[0]: 10.42.0.10 is an address of a pod; name a server outside the cluster.',
    ],
    [
      'a cookie domain without its dot',
      { cookieDomain: 'ahuora.org.nz' },
      'facts/settings.ts: cookieDomain: "ahuora.org.nz" does not begin with a dot; write it as in .example.org.',
    ],
    [
      'a volume of a few megabytes',
      { postgres: { ...settings.postgres, size: '5Mi' } },
      'facts/settings.ts: postgres.size: 5Mi holds no database; write it as in 5Gi.',
    ],
    [
      'dumps that do not fit',
      { backup: { ...settings.backup, size: '4Gi' } },
      'facts/settings.ts: backup.size: 4Gi does not hold one dump of a database that fills its 5Gi; write more.',
    ],
    [
      'logs at the address of metrics',
      { monitoring: { ...settings.monitoring, logsUrl: 'https://logs.example.org/api/prom/push' } },
      "facts/settings.ts: monitoring.logsUrl: https://logs.example.org/api/prom/push is where metrics are taken; write the address of Loki's push.",
    ],
    [
      'a name server of the LAN',
      { outsideNameServers: ['192.168.100.101'] },
      'facts/settings.ts: outsideNameServers[0]: 192.168.100.101 is no public address, and is asked for what the name servers inside do not know; write one such as 1.1.1.1.',
    ],
    [
      'a commit in place of a branch',
      { branch: 'HEAD' },
      'facts/settings.ts: branch: "HEAD" is no branch, and Argo CD follows one; write it as in main.',
    ],
    [
      'a cookie for hosts of others',
      { cookieDomain: '.org.nz' },
      'facts/settings.ts: cookieDomain: ".org.nz" sends the session to hosts of others too; write the narrowest parent of all hosts, .ahuora.org.nz.',
    ],
    [
      'a cookie for a whole country',
      { cookieDomain: '.nz' },
      'facts/settings.ts: cookieDomain: ".nz" is shared with strangers; write your own domain, as in .example.org.',
    ],
    [
      'metrics of no cluster',
      { monitoring: { ...settings.monitoring, clusterName: '' } },
      'facts/settings.ts: monitoring.clusterName: "" is no name; use a-z, 0-9 and -.',
    ],
    [
      'a backup that never comes',
      { backup: { ...settings.backup, schedule: '30 1 31 2 *' } },
      'facts/settings.ts: backup.schedule: "30 1 31 2 *" is no schedule: it never comes; write one such as "30 3 * * *".',
    ],
    [
      'a backup every minute',
      { backup: { ...settings.backup, schedule: '* * * * *' } },
      'facts/settings.ts: backup.schedule: "* * * * *" comes every 1 min; write one such as "30 1 * * *".',
    ],
    [
      'dumps beside the data',
      { backup: { ...settings.backup, node: 'worker-1' } },
      'facts/settings.ts: backup.node: "worker-1" also holds the database, and one broken disk would take both; choose another node.',
    ],
    [
      'one host for two entries',
      { hosts: { ...settings.hosts, auth: 'api.ahuora.org.nz' } },
      'facts/settings.ts: hosts.auth: "api.ahuora.org.nz" is also hosts.api; give each its own host.',
    ],
    [
      'a URL for a host',
      { hosts: { ...settings.hosts, api: 'https://api.ahuora.org.nz' } },
      'facts/settings.ts: hosts.api: "https://api.ahuora.org.nz" is not a host name; write it as in api.example.org.',
    ],
    [
      'a cookie that a host would not get',
      { cookieDomain: '.ahuora.nz' },
      'facts/settings.ts: cookieDomain: ".ahuora.nz" does not cover hosts.frontEnd "ahuora.org.nz"; sign-in would loop, so use their common parent.',
    ],
    [
      'a decimal unit of storage',
      { postgres: { ...settings.postgres, size: '5G' } },
      'facts/settings.ts: postgres.size: "5G" is not an amount of memory; write it with a binary unit, such as 512Mi or 5Gi.',
    ],
    [
      'a folder that begins nowhere',
      { backup: { ...settings.backup, hostPath: 'backup' } },
      'facts/settings.ts: backup.hostPath: "backup" does not begin at the root; write it as in /var/lib/ahuora/data.',
    ],
    [
      'a single address for all pods',
      { podNetwork: '10.42.0.1' },
      'facts/settings.ts: podNetwork: "10.42.0.1" is not a range of addresses; write it as in 10.42.0.0/16.',
    ],
    [
      'half a pooler',
      { pgbouncer: { ...settings.pgbouncer, replicas: 1.5 } },
      'facts/settings.ts: pgbouncer.replicas: 1.5 is not a whole number above 0; write how many.',
    ],
    [
      'more pooled connections than Postgres accepts',
      { pgbouncer: { ...settings.pgbouncer, poolSize: 60 } },
      'pgbouncer: 2 poolers x (60 + 5 in reserve) = 130 connections, but the server leaves 90 (max_connections 100 less 10 kept); lower poolSize or replicas.',
    ],
    [
      'a schedule of four fields',
      { backup: { ...settings.backup, schedule: '30 2 * *' } },
      'facts/settings.ts: backup.schedule: "30 2 * *" does not have five fields; write one such as "30 1 * * *".',
    ],
    [
      'a time zone that does not exist',
      { backup: { ...settings.backup, timeZone: 'Pacific/Aukland' } },
      'facts/settings.ts: backup.timeZone: "Pacific/Aukland" is not a time zone; write a name such as Pacific/Auckland.',
    ],
  ])('%s', (_case, change, sentence) => {
    expect(modelWith(change)).toThrow(new Error(sentence));
  });

  it('a time that a change of the clocks skips or repeats', () => {
    expect(modelWith({ backup: { ...settings.backup, schedule: '30 2 * * *' } })).toThrow(
      /^facts\/settings\.ts: backup\.schedule: "30 2 \* \* \*" (does not come|comes twice) on 20\d\d-\d\d-\d\d, when clocks are changed; choose another hour\.$/,
    );
  });

  it('fewer replicas at most than at least', () => {
    const scaled = BASELINE['django-api'].replicas as Exclude<(typeof BASELINE)['django-api']['replicas'], number>;
    const variant = {
      name: 'broken',
      settings: { ...BASELINE, 'django-api': { ...BASELINE['django-api'], replicas: { ...scaled, minReplicas: 9 } } },
    };
    expect(() => workloadTrees(platform(inventory), BASELINE, [variant])).toThrow(
      new Error('django-api: replicas: minReplicas 9 is above maxReplicas 8; lower the one or raise the other.'),
    );
  });

  it('CPU with a comma', () => {
    class Broken extends AhuoraComponent {
      constructor(output: Platform) {
        super(output, 'broken');
        new VersionedJob(this, {
          version: '1',
          deadlineSeconds: 60,
          containers: [
            {
              name: 'job',
              image: 'example/job:1.0.0',
              resources: { cpu: { request: '0,5', limit: '1' }, memory: { request: '64Mi', limit: '64Mi' } },
            },
          ],
        });
      }
    }
    expect(() => model(settings, inventory, [...COMPONENTS, Broken])).toThrow(
      new Error(
        'broken: container job: resources.cpu.request: "0,5" is not an amount of CPU; write millicores such as 500m, or cores such as 2.',
      ),
    );
  });

  it('a key that no Secret has', () => {
    const anyKey = secrets.oauth2Proxy as unknown as { key(name: string): unknown };
    expect(() => anyKey.key('cookie-key')).toThrow(
      new Error(
        'secret oauth2-proxy: it has no key "cookie-key"; add it to the contract or use one of client-id, client-secret, cookie-secret, authorised-emails.',
      ),
    );
  });

  it('two components of one name', () => {
    expect(() => model(settings, inventory, [...COMPONENTS, PgBouncer])).toThrow(
      new Error(
        'component pgbouncer: the same output has another of that name, and both would be one file; rename one.',
      ),
    );
  });
});

describe('the settings as they are', () => {
  it('are accepted', () => {
    expect(() => platform(inventory, settings)).not.toThrow();
  });
});
