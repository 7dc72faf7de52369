import { find, type SoundPlatform } from '../sound-platform';
import { pod, web, type Case } from './case';

const POSTGRES = 'postgres:16.4';
const POOLER = 'edoburu/pgbouncer:v1.24.1-p1';
const KEEPALIVES = 'tcp_keepalives_idle = 60\ntcp_keepalives_interval = 10\ntcp_keepalives_count = 3\n';
const INI = '[databases]\nshop = host=database port=5432\n\n[pgbouncer]\n';

/** Gives the web service an image, and files in a folder of their own. */
function become(p: SoundPlatform, image: string, files: Readonly<Record<string, string>>, folder = '/etc/program') {
  const container = web(p);
  container.image = image;
  find(p, 'ConfigMap/web').data = { mode: 'production', ...files };
  container.args = Object.keys(files).map((name) => `${folder}/${name}`);
  container.volumeMounts.push({ name: 'settings', mountPath: folder });
  pod(p).volumes.push({
    name: 'settings',
    configMap: { name: 'web', items: Object.keys(files).map((key) => ({ key, path: key })) },
  });
  return container;
}

const inFile = (rule: string, image: string, file: string, text: string, message: RegExp): Case => ({
  rule,
  when: `${file} holds ${text.trim().split('\n').at(-1)}`,
  breakIt: (p) => become(p, image, { [file]: text }),
  object: 'ConfigMap/web',
  field: `data["${file}"]`,
  message,
});

const server = (rule: string, line: string, message: RegExp) =>
  inFile(rule, POSTGRES, 'postgresql.conf', `${KEEPALIVES}${line}\n`, message);
const pooler = (rule: string, line: string, message: RegExp) =>
  inFile(rule, POOLER, 'pooler.ini', `${INI}${line}\n`, message);
const access = (text: string, message: RegExp) =>
  inFile('databases-ask-for-passwords', POSTGRES, 'pg_hba.conf', `${text}\n`, message);

/** Has the web service run a script by bash, with these arguments. */
function script(p: SoundPlatform, text: string, ...words: string[]) {
  const container = become(p, POSTGRES, { 'run.sh': `#!/bin/bash\nset -e\n${text}\n` });
  container.command = ['/bin/bash', ...container.args, ...words];
  delete container.args;
  return container;
}

const inScript = (rule: string, text: string, message: RegExp): Case => ({
  rule,
  when: `a script says ${text}`,
  breakIt: (p) => script(p, text),
  object: 'ConfigMap/web',
  field: 'data["run.sh"]',
  message,
});

/** Adds a policy over pods of K3s. */
const guard = (when: string, labels: Readonly<Record<string, string>>, spec: object, message: RegExp): Case => ({
  rule: 'guarded-pods-admit-their-callers',
  when,
  breakIt: (p) =>
    p.files.push({
      path: 'platform/guard.yaml',
      component: 'guard',
      objects: [
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'guard', namespace: 'kube-system' },
          spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'], ...spec },
        },
      ],
    }),
  object: 'NetworkPolicy/guard',
  message,
});
const NAMES = { 'k8s-app': 'kube-dns' };
const TRAEFIK = { 'app.kubernetes.io/name': 'traefik' };
const byDns = (...cidrs: string[]) => ({
  ingress: [
    {
      from: cidrs.map((cidr) => ({ ipBlock: { cidr } })),
      ports: ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol })),
    },
  ],
});

export const settingCases: readonly Case[] = [
  // What a program takes and nobody means.
  pooler('settings-are-within-reason', 'server_lifetime = 0', /server_lifetime is 0: connections are made anew/),
  pooler(
    'settings-are-within-reason',
    'server_idle_timeout = 1',
    /server_idle_timeout is 1: connections are made anew/,
  ),
  pooler('settings-are-within-reason', 'server_connect_timeout = 0', /without an end/),
  pooler('settings-are-within-reason', 'dns_max_ttl = 86400', /dns_max_ttl is 86400: .* is known so late/),
  pooler('settings-are-within-reason', 'tcp_user_timeout = 10', /no packet may be late/),
  pooler('settings-are-within-reason', 'admin_users = any', /admin_users is any: whoever has that role/),
  server('settings-are-within-reason', 'statement_timeout = 5', /statement_timeout is 5: statements are cut off/),
  server('settings-are-within-reason', 'checkpoint_timeout = 1d', /checkpoint_timeout is 1d: after a power cut/),
  server('settings-are-within-reason', 'autovacuum = off', /autovacuum is off: tables grow/),
  server('settings-are-within-reason', "archive_mode = 'on'", /archive_mode is on: the log is kept/),
  inFile(
    'settings-are-within-reason',
    'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6',
    'gate.cfg',
    'cookie_csrf_expire = "10s"',
    /nobody types a password so fast/,
  ),
  {
    rule: 'settings-are-within-reason',
    when: 'a client waits for minutes',
    breakIt: (p) => (web(p).env = [{ name: 'PGCONNECT_TIMEOUT', value: '500' }]),
    object: 'Deployment/web',
    field: 'spec.template.spec.containers[0].env[0].value',
    message: /PGCONNECT_TIMEOUT is 500/,
  },
  // What a log tells.
  server('logs-hold-no-statements', 'log_statement = all', /log_statement is all/),
  server('logs-hold-no-statements', "log_statement = 'ddl'", /log_statement is ddl/),
  server('logs-hold-no-statements', 'log_min_duration_statement = 0', /log_min_duration_statement is 0/),
  server('logs-hold-no-statements', 'log_transaction_sample_rate = 0.5', /log_transaction_sample_rate is 0\.5/),
  pooler('logs-hold-no-statements', 'verbose = 2', /verbose is 2/),
  // Who has vanished.
  inFile(
    'lost-clients-are-noticed',
    POSTGRES,
    'postgresql.conf',
    KEEPALIVES.replace('idle = 60', 'idle = 2h'),
    /noticed after 7230 s/,
  ),
  inFile(
    'lost-clients-are-noticed',
    POSTGRES,
    'postgresql.conf',
    'port = 5432\n',
    /tcp_keepalives_idle 7200, .* noticed after 7875 s/,
  ),
  pooler('lost-clients-are-noticed', 'tcp_keepidle = 600', /tcp_keepidle 600/),
  // Memory and disk of the server, whose limit is 256 MiB here.
  server('database-settings-fit', 'shared_buffers = 120MB', /shared_buffers of 120 MiB is more than 40 %/),
  server(
    'database-settings-fit',
    'effective_cache_size = 2TB',
    /effective_cache_size of 2097152 MiB is more than the memory limit/,
  ),
  server('database-settings-fit', 'maintenance_work_mem = 1GB', /maintenance_work_mem of 1024 MiB is more than 40 %/),
  server(
    'database-settings-fit',
    'shared_buffers = 64MB\nwork_mem = 32MB',
    /at its busiest .*work_mem x 100 connections = 3200/,
  ),
  // Who opens the socket, and lines that are never read.
  access('local  all  all  trust', /believes whoever opens the socket to be any role/),
  access('local  all  +staff  trust', /believes whoever opens the socket to be any role/),
  access('local  all  all  md5', /asks with md5/),
  access(
    'host  all  all  0.0.0.0/0  reject\nhostssl  shop  all  10.42.0.0/16  scram-sha-256',
    /"hostssl {2}shop .* is never read, since "host {2}all/,
  ),
  inFile(
    'access-lines-can-be-read',
    POSTGRES,
    'pg_hba.conf',
    'host  shop  all  127.0.0.1/32  scram-sha-256\n',
    /no line lets clients of 10\.42\.0\.0\/16 in/,
  ),
  // Files that settings name.
  server(
    'files-of-settings-are-mounted',
    "ssl_key_file = '/etc/ssl/private/server.key'",
    /ssl_key_file is \/etc\/ssl\/private\/server\.key, and the pod mounts/,
  ),
  pooler(
    'files-of-settings-are-mounted',
    'unix_socket_dir = /sockets/pgbouncer',
    /unix_socket_dir is \/sockets\/pgbouncer/,
  ),
  {
    rule: 'files-of-settings-are-mounted',
    when: 'a client is told an authority that is nowhere',
    breakIt: (p) => (web(p).env = [{ name: 'PGSSLROOTCERT', value: '/etc/authority/ca.crt' }]),
    object: 'Deployment/web',
    field: 'spec.template.spec.containers[0].env[0].value',
    message: /PGSSLROOTCERT is \/etc\/authority\/ca\.crt/,
  },
  // Scripts.
  inScript(
    'dumps-are-whole',
    'pg_dump --format=custom --schema=platform --file=x; pg_restore --list x',
    /--schema=platform leaves out the rest/,
  ),
  inScript('dumps-are-whole', 'pg_dump -Fc -n public --file=x; pg_restore --list x', /pg_dump -n public leaves out/),
  inScript(
    'dumps-are-whole',
    'pg_dump -Fc --exclude-schema=public --file=x; pg_restore --list x',
    /leaves out a schema that no file here makes anew/,
  ),
  inScript(
    'dumps-are-whole',
    'pg_dump --format=custom \\\n  --exclude-table-data=audit --file=x\npg_restore --list x',
    /--exclude-table-data=audit leaves out/,
  ),
  inScript('dumps-are-whole', 'pg_dump --format=custom --file=x', /nothing reads the dump again/),
  inScript('dumps-are-whole', 'pg_dump --file=x; pg_restore --list x', /no dump of the format plain/),
  inScript(
    'dumps-are-whole',
    'pg_dump --format=custom --file=x || true\npg_restore --list x',
    /goes on when pg_dump has failed/,
  ),
  inScript(
    'dumps-are-whole',
    'dump() {\n  pg_dump --format=custom --schema=platform "$@"\n}\npg_restore --list x',
    /pg_dump --schema=platform leaves out the rest/,
  ),
  inScript('statements-stop-at-an-error', 'psql --file=change.sql', /goes on after a statement that failed/),
  inScript(
    'statements-stop-at-an-error',
    'cat change.sql | psql --set ON_ERROR_STOP=0',
    /goes on after a statement that failed/,
  ),
  inScript(
    'statements-stop-at-an-error',
    "echo 'BEGIN; DROP TABLE x;' | psql --set ON_ERROR_STOP=1",
    /no COMMIT; follows/,
  ),
  {
    rule: 'scripts-read-their-variables',
    when: 'a script has forgotten how many dumps to keep',
    breakIt: (p) => (script(p, 'echo done').env = [{ name: 'KEEP_AT_LEAST', value: '3' }]),
    object: 'Deployment/web',
    field: 'spec.template.spec.containers[0].env[0].name',
    message: /no script that it has reads KEEP_AT_LEAST/,
  },
  {
    rule: 'markers-are-written',
    when: 'a script never writes what its probe looks for',
    breakIt: (p) => {
      const container = script(p, 'done_file="$1"\nrm --force "$done_file"\nwork\nsleep 1', '/run/done');
      container.readinessProbe = { exec: { command: ['test', '-e', '/run/done'] } };
    },
    object: 'ConfigMap/web',
    field: 'data["run.sh"]',
    message: /the probes of container web look for \/run\/done, which it never writes/,
  },
  // Policies over pods of K3s.
  guard('the name server admits no pods', NAMES, byDns('192.0.2.0/24'), /nothing admits 10\.42\.0\.0\/16/),
  guard(
    'the name server admits no machines',
    NAMES,
    byDns('10.42.0.0/16'),
    /nothing here admits gate \(192\.0\.2\.1\), head/,
  ),
  guard(
    'the name server may ask nobody',
    NAMES,
    { ...byDns('0.0.0.0/0'), policyTypes: ['Ingress', 'Egress'] },
    /kube-dns may call nobody/,
  ),
  guard(
    'Traefik admits no client of the LAN',
    TRAEFIK,
    {
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'tunnel' } } }], ports: [{ port: 8443, protocol: 'TCP' }] },
      ],
    },
    /nothing here admits gate \(192\.0\.2\.1\).* to traefik on 8443\/TCP/,
  ),
  {
    ...guard(
      'Traefik does not know a pod that may call it',
      TRAEFIK,
      { ingress: [] },
      /nothing here admits .*pooler on 8443\/TCP to traefik/,
    ),
    breakIt: (p) => {
      guard('', TRAEFIK, { ingress: [] }, /x/).breakIt(p);
      const egress = find(p, 'NetworkPolicy/pooler').spec.egress ?? [];
      const to = [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: TRAEFIK },
        },
      ];
      find(p, 'NetworkPolicy/pooler').spec.egress = [...egress, { to, ports: [{ port: 8443, protocol: 'TCP' }] }];
    },
  },
];
