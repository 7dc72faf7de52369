import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';
import { pod, web, type Case } from './case';

const SPEC = 'spec.template.spec';

/** Makes the web service another program, with files of its own. */
export function become(
  p: SoundPlatform,
  image: string,
  files: Readonly<Record<string, string>>,
  folder = '/etc/program',
): Loose {
  const container = web(p);
  container.image = image;
  find(p, 'ConfigMap/web').data = { mode: 'production', ...files };
  container.args = [...(container.args ?? []), ...Object.keys(files).map((name) => `${folder}/${name}`)];
  container.volumeMounts.push({ name: 'settings', mountPath: folder });
  pod(p).volumes.push({
    name: 'settings',
    configMap: { name: 'web', items: Object.keys(files).map((key) => ({ key, path: key })) },
  });
  return container;
}

const POSTGRES = 'postgres:16.4';
const GATE = 'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6';

export const inFile = (
  rule: string,
  when: string,
  image: string,
  file: string,
  text: string,
  message: RegExp,
): Case => ({
  rule,
  when,
  breakIt: (p) => become(p, image, { [file]: text }),
  object: 'ConfigMap/web',
  field: `data["${file}"]`,
  message,
});

export const ofWeb = (
  rule: string,
  when: string,
  field: string,
  message: RegExp,
  breakIt: (p: SoundPlatform) => void,
): Case => ({
  rule,
  when,
  breakIt,
  object: 'Deployment/web',
  field: `${SPEC}.${field}`,
  message,
});

export const NGINX = 'server {\n  listen 8080;\n  location = /healthz {\n    return 200 "ok";\n  }\n}\n';
export const nginx = (p: SoundPlatform, text = NGINX) =>
  become(p, 'example/web:1.2.3', { 'default.conf': text }, '/etc/nginx/conf.d');

/** Has the web service run a script by a shell. */
export const script = (p: SoundPlatform, text: string, shell = '/bin/bash') => {
  const container = become(p, 'example/web:1.2.3', { 'run.sh': text });
  container.command = [shell, ...container.args];
  container.args = [];
};

const nginx2 = (p: SoundPlatform, files: Readonly<Record<string, string>>, folder: string) =>
  become(p, 'example/web:1.2.3', files, folder);

/** Mounts a file that Ansible issues. */
function issued(p: SoundPlatform, key: string, what: object): void {
  p.model.secrets.push({
    name: 'tls',
    namespace: 'shop',
    readers: ['web'],
    keys: [{ name: key, description: 'Certificate of it.', issued: what }],
  });
  pod(p).volumes.push({ name: 'tls', secret: { secretName: 'tls', items: [{ key, path: key }] } });
  web(p).volumeMounts.push({ name: 'tls', mountPath: '/ca' });
}

export const env = (name: string, value: string) => (p: SoundPlatform) => web(p).env.push({ name, value });
const secret = (name: string, of: string, key: string) => ({ name, valueFrom: { secretKeyRef: { name: of, key } } });

/** Puts a second program of Postgres beside a server. */
function besidePostgres(p: SoundPlatform): void {
  const server = web(p);
  server.image = POSTGRES;
  pod(p).volumes.push({ name: 'socket', emptyDir: { sizeLimit: '1Mi' } });
  server.volumeMounts.push({ name: 'socket', mountPath: '/var/run/postgresql' });
  pod(p).containers.push({ ...server, name: 'beside', ports: undefined, env: [], volumeMounts: [] });
}

/** What programs are told: their options, files, folders, users, and what they need around them. */
export const programCases: readonly Case[] = [
  inFile('options-exist', 'a parameter of Postgres is misspelt', POSTGRES, 'postgresql.conf', 'checkpoint_timout = 5min\n', /Postgres 16.* knows no checkpoint_timout; checkpoint_timeout is near/),
  inFile('options-exist', 'a line of Postgres cannot be read', POSTGRES, 'postgresql.conf', 'shared_buffers = 2 GiB\n', /no line that Postgres can read/),
  inFile('options-exist', 'a setting of the pooler is misspelt', 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', '[pgbouncer]\nserver_idle_timout = 3\n', /PgBouncer .* knows no server_idle_timout/),
  inFile('options-exist', 'an option of sign-in is misspelt', GATE, 'gate.cfg', 'silence_pinglogging = true\n', /knows no silence_pinglogging; silence_ping_logging is near/),
  ofWeb('options-exist', 'a flag of the tunnel is misspelt', 'containers[0].args[1]', /cloudflared .* knows no no-auto-update; no-autoupdate is near/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', args: ['tunnel', '--no-auto-update', 'run'] })),
  ofWeb('options-exist', 'a variable of sign-in is misspelt', 'containers[0].env[4].name', /knows no client_secrets/, (p) => { web(p).image = GATE; web(p).env.push({ name: 'OAUTH2_PROXY_CLIENT_SECRETS', value: '/x' }); }),
  { rule: 'options-exist', when: 'a directive of nginx is misspelt', breakIt: (p) => nginx(p, NGINX.replace('listen', 'server_token off;\n  listen')), object: 'ConfigMap/web', field: 'data["default.conf"]', message: /nginx .* knows no server_token; server_tokens is near/ },
  { rule: 'options-exist', when: 'nginx misses a semicolon', breakIt: (p) => nginx(p, NGINX.replace('"ok";', '"ok"')), object: 'ConfigMap/web', field: 'data["default.conf"]', message: /no line that nginx can read/ },
  inFile('option-values-can-be-read', 'a unit of Postgres is none', POSTGRES, 'postgresql.conf', 'checkpoint_timeout = 15m\n', /15m has no unit that is known: us, ms, s, min/),
  inFile('option-values-can-be-read', 'a fraction of Postgres is above one', POSTGRES, 'postgresql.conf', 'checkpoint_completion_target = 9\n', /is not from 0 to 1/),
  inFile('option-values-can-be-read', 'a choice of Postgres is none', POSTGRES, 'postgresql.conf', "password_encryption = 'scram'\n", /none of md5, scram-sha-256/),
  inFile('option-values-can-be-read', 'seconds of the pooler have a unit', 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', '[pgbouncer]\nquery_wait_timeout = 30s\n', /30s is not a number of seconds/),
  inFile('option-values-can-be-read', 'the provider is misspelt', GATE, 'gate.cfg', 'provider = "gogle"\n', /gogle" is none of adfs/),
  inFile('option-values-can-be-read', 'yes is written as a word', GATE, 'gate.cfg', 'reverse_proxy = yes\n', /neither yes nor no/),
  inFile('access-lines-can-be-read', 'a method is misspelt', POSTGRES, 'pg_hba.conf', 'host all all 10.42.0.0/16 scram-sha256\n', /"scram-sha256" is no method/),
  inFile('access-lines-can-be-read', 'a range is none', POSTGRES, 'pg_hba.conf', 'host all all 10.42.0.0/33 scram-sha-256\n', /"10.42.0.0\/33" is not a range/),
  inFile('access-lines-can-be-read', 'Services are let in', POSTGRES, 'pg_hba.conf', 'host all all 10.43.0.0/16 scram-sha-256\n', /clients are pods/),
  ofWeb('paths-lead-to-files', 'an argument names another file', 'containers[0].args[1]', /\/etc\/program holds a.conf, and not b.conf/, (p) => become(p, 'example/web:1.2.3', { 'a.conf': '' }).args.push('--config=/etc/program/b.conf')),
  ofWeb('mounts-are-used', 'the folder is another than what is told', 'containers[0].volumeMounts[1].mountPath', /nothing that the pod is told names \/etc\/programs/, (p) => (become(p, GATE, { 'a.conf': '' }).volumeMounts[1].mountPath = '/etc/programs')),
  { rule: 'mounts-are-used', when: 'the data lie beside the volume', breakIt: (p) => (pod(p, 'StatefulSet/database').containers[0].args = ['--data=/var/data']), object: 'StatefulSet/database', field: `${SPEC}.containers[0].volumeMounts[0].mountPath`, message: /names \/data/ },
  ofWeb('programs-write-where-they-may', 'nginx has no place for its PID', 'containers[0].volumeMounts', /nginx writes to \/var\/run/, (p) => nginx(p)),
  ofWeb('programs-write-where-they-may', 'Postgres has no place for its socket', 'containers[0].volumeMounts', /postgres writes to \/var\/run\/postgresql/, (p) => (web(p).image = POSTGRES)),
  ofWeb('mounted-files-can-be-read', 'nobody but root reads a Secret', 'securityContext.fsGroup', /mode 0440 and belong to root/, (p) => pod(p).volumes.push({ name: 's', secret: { secretName: 'database', defaultMode: 0o440 } })),
  ofWeb('mounted-files-can-be-read', 'a mode is decimal', 'volumes[1].secret.defaultMode', /0670 lets the files be executed/, (p) => pod(p).volumes.push({ name: 's', secret: { secretName: 'database', defaultMode: 440 } })),
  ofWeb('mounted-files-can-be-read', 'everybody reads a Secret', 'volumes[1].secret.defaultMode', /0444 lets everybody/, (p) => pod(p).volumes.push({ name: 's', secret: { secretName: 'database', defaultMode: 0o444 } })),
  ofWeb('programs-reach-what-they-serve', 'a tunnel does not reach its edge', 'containers[0]', /reach Cloudflare's edge on 7844\/UDP/, (p) => (web(p).image = 'cloudflare/cloudflared:2025.11.1')),
  ofWeb('programs-reach-what-they-serve', 'sign-in does not reach its provider', 'containers[0]', /provider of sign-in on 443\/TCP/, (p) => (web(p).image = GATE)),
  ofWeb('name-servers-are-reached', 'a name server may not be asked', 'dnsConfig.nameservers[0]', /lets the pod ask 1.1.1.1/, (p) => (pod(p).dnsConfig = { nameservers: ['1.1.1.1'] })),
  ofWeb('images-run-as-their-user', 'Postgres runs as another', 'securityContext.runAsUser', /library\/postgres has the user 999, and runAsUser is 1000/, (p) => (web(p).image = POSTGRES)),
  ofWeb('databases-are-served', 'a database is misspelt', 'containers[0].env[4].value', /no database shopp; there is shop/, (p) => web(p).env.push({ name: 'DATABASE_NAME', value: 'shopp' })),
  ofWeb('pages-are-answered', 'a page of the tunnel is misspelt', 'containers[0].readinessProbe.httpGet.path', /\/redy is no page of it/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', readinessProbe: { httpGet: { path: '/redy', port: 8080 } } })),
  ofWeb('pages-are-answered', 'nginx has no such location', 'containers[0].readinessProbe.httpGet.path', /\/ is no page of it; there are \/healthz/, (p) => nginx(p)),
  ofWeb('pages-are-answered', 'Django refuses the name', 'containers[0].readinessProbe.httpGet.httpHeaders', /answers shop.example.com, and the header Host is its address/, (p) => web(p).env.push({ name: 'ALLOWED_HOSTS', value: 'shop.example.com' })),
  ofWeb('pools-keep-no-sessions', 'cursors are kept', 'containers[0].env', /not set, and pooler pools transactions/, (p) => (find(p, 'ConfigMap/pooler').data['pgbouncer.ini'] += 'pool_mode = transaction\n')),
  ofWeb('processes-listen-to-others', 'figures are heard inside alone', 'containers[0].args[1]', /"127.0.0.1:8080" is heard inside the pod alone/, (p) => (web(p).args = ['--metrics', '127.0.0.1:8080'])),
  { rule: 'processes-listen-to-others', when: 'the pooler listens to itself', breakIt: (p) => (find(p, 'ConfigMap/pooler').data['pgbouncer.ini'] += 'listen_addr = localhost\n'), object: 'ConfigMap/pooler', field: 'data["pgbouncer.ini"]', message: /"localhost" is heard/ },
  ofWeb('pods-have-what-they-ask-of-themselves', 'the pooler is looked for in the pod', 'containers[0].env[2].value', /localhost:6432 is the pod itself/, (p) => (web(p).env[2].value = 'localhost')),
  { rule: 'tasks-wait-for-what-they-call', when: 'a backup begins at once', breakIt: (p) => delete find(p, 'CronJob/backup').spec.jobTemplate.spec.template.spec.initContainers, object: 'CronJob/backup', field: 'spec.jobTemplate.spec.template.spec.initContainers', message: /nothing waits for database/ },
  ofWeb('programs-are-given-what-they-need', 'a tunnel has no token', 'containers[0].env', /cloudflared is given no TUNNEL_TOKEN/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', args: ['tunnel', 'run'] })),
  ofWeb('programs-are-given-what-they-need', 'a tunnel is not run', 'containers[0].args', /"tunnel start" runs no tunnel/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', args: ['tunnel', 'start'] })),
  ofWeb('programs-are-given-what-they-need', 'Postgres has no password', 'containers[0].env', /postgres is given no POSTGRES_PASSWORD/, (p) => (web(p).image = POSTGRES)),
  ofWeb('programs-are-given-what-they-need', 'a probe calls no program', 'containers[0].readinessProbe.exec.command', /no program pg_is_ready/, (p) => Object.assign(web(p), { image: POSTGRES, readinessProbe: { exec: { command: ['pg_is_ready'] } } })),
  ofWeb('programs-are-given-what-they-need', 'an option of initdb is misspelt', 'containers[0].env[4].value', /initdb knows no --data-checksum$/, (p) => { web(p).image = POSTGRES; web(p).env.push({ name: 'POSTGRES_INITDB_ARGS', value: '--data-checksum' }); }),
  ofWeb('variables-hold-what-they-name', 'days are words', 'containers[0].env[4].value', /RETENTION_DAYS is "two weeks"/, (p) => web(p).env.push({ name: 'RETENTION_DAYS', value: 'two weeks' })),
  ofWeb('programs-write-where-they-may', 'a folder is read-only', 'containers[0].volumeMounts[0].readOnly', /nothing can be written to \/tmp/, (p) => (web(p).volumeMounts[0].readOnly = true)),
  inFile('options-exist', 'a word of a connection is misspelt', 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', '[databases]\nshop = host=database dbnme=shop\n\n[pgbouncer]\n', /"dbnme=shop" is no line that PgBouncer/),
  inFile('lists-of-users-are-written', 'nobody writes the list', 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', '[pgbouncer]\nauth_file = /run/users.txt\n', /auth_file \/run\/users.txt is written by no init container/),
  ofWeb('references-are-required', 'a variable may be missing', 'containers[0].env[0]', /the Secret database is optional/, (p) => (web(p).env[0].valueFrom.secretKeyRef.optional = true)),
  ofWeb('paths-lead-to-files', 'a folder is nearly that of a mount', 'containers[0].args[1]', /nothing is mounted at \/etc\/prgram; \/etc\/program is near/, (p) => become(p, 'example/web:1.2.3', { 'a.conf': '' }).args.push('--config=/etc/prgram/a.conf')),
  ofWeb('lists-of-users-are-written', 'the list is written to the card', 'containers[0].volumeMounts[0].mountPath', /passwords of auth_file \/tmp\/users.txt are written to the card/, (p) => become(p, 'edoburu/pgbouncer:v1.24.1-p1', { 'pgbouncer.ini': '[pgbouncer]\nauth_file = /tmp/users.txt\n' })),
  ofWeb('programs-write-where-they-may', 'a home is read-only', 'containers[0].env[4].value', /HOME is \/home\/web, where nothing can be written/, env('HOME', '/home/web')),
  ofWeb('sockets-are-shared', 'a program beside the server has no socket', 'containers[1].volumeMounts', /socket of web in \/var\/run\/postgresql is not mounted/, besidePostgres),
  { rule: 'scripts-run-as-they-are-written', when: 'a script of bash is run by sh', breakIt: (p) => script(p, '#!/bin/bash\nset -euo pipefail\ntrue\n', '/bin/sh'), object: 'ConfigMap/web', field: 'data["run.sh"]', message: /runs it by sh, and it is of bash/ },
  { rule: 'scripts-run-as-they-are-written', when: 'a script goes on after a failure', breakIt: (p) => script(p, '#!/bin/bash\nset -u\nfalse\necho done\n'), object: 'ConfigMap/web', field: 'data["run.sh"]', message: /goes on when a command/ },
  { rule: 'scripts-are-given-their-variables', when: 'a variable is set nowhere', breakIt: (p) => script(p, '#!/bin/bash\nset -eu\nOTHER=1\necho "$OTHER ${FOLDER}" "${KEPT:-3}"\n'), object: 'ConfigMap/web', field: 'data["run.sh"]', message: /gives container web no FOLDER/ },
  ofWeb('credentials-belong-together', 'a password is of another Secret', 'containers[0].env[4]', /DATABASE_PASSWORD is of the Secret owner, and DATABASE_USER of database/, (p) => web(p).env.push(secret('DATABASE_PASSWORD', 'owner', 'password'))),
  ofWeb('credentials-belong-together', 'two roles have one name', 'containers[0].env[4]', /BACKUP_USER and DATABASE_USER are both username of the Secret database/, (p) => web(p).env.push(secret('BACKUP_USER', 'database', 'username'))),
  ofWeb('variables-are-read', 'a variable of libpq is misspelt', 'containers[0].env[4].name', /nothing reads PGPASWORD; PGPASSWORD is near/, env('PGPASWORD', 'x')),
  ofWeb('variables-are-read', 'a variable of the image is none', 'containers[0].env[4].name', /nothing reads POSTGRES_MAX_CONNECTIONS/, (p) => { web(p).image = POSTGRES; env('POSTGRES_MAX_CONNECTIONS', '100')(p); }),
  ofWeb('programs-run-for-production', 'a mode is that of development', 'containers[0].env[4].value', /APP_ENV is "dev"/, env('APP_ENV', 'dev')),
  ofWeb('programs-run-for-production', 'errors are shown', 'containers[0].env[4].value', /DJANGO_DEBUG is "True"/, env('DJANGO_DEBUG', 'True')),
  ofWeb('databases-ask-for-passwords', 'a new database believes everybody', 'containers[0].env[4].value', /POSTGRES_HOST_AUTH_METHOD: a new database asks with trust/, env('POSTGRES_HOST_AUTH_METHOD', 'trust')),
  ofWeb('databases-ask-for-passwords', 'initdb is told to', 'containers[0].env[4].value', /POSTGRES_INITDB_ARGS: a new database asks with md5/, env('POSTGRES_INITDB_ARGS', '--data-checksums --auth-host=md5')),
  { rule: 'processes-listen-to-others', when: 'the pooler listens to an address of its own', breakIt: (p) => (find(p, 'ConfigMap/pooler').data['pgbouncer.ini'] += 'listen_addr = 127.0.0.1\n'), object: 'ConfigMap/pooler', field: 'data["pgbouncer.ini"]', message: /"127.0.0.1" is heard/ },
  ...[['ssl = off', /in the clear/], ['synchronous_commit = off', /lost at a power cut/]].map(([line, message]) => inFile('databases-ask-for-passwords', `Postgres is told ${String(line)}`, POSTGRES, 'postgresql.conf', `${String(line)}\n`, message as RegExp)),
  ...[['client_tls_sslmode = prefer', /without TLS/], ['server_tls_sslmode = require', /whoever answers/]].map(([line, message]) => inFile('databases-ask-for-passwords', `the pooler is told ${String(line)}`, 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', `[pgbouncer]\n${String(line)}\n`, message as RegExp)),
  inFile('databases-ask-for-passwords', 'clients may come without TLS', POSTGRES, 'pg_hba.conf', 'host shop all 10.42.0.0/16 scram-sha-256\n', /lets clients in without TLS/),
  ...[['ALTER ROLE "web" LOGIN SUPERUSER;', /more than with rows/], ['GRANT ALL ON TABLES TO web;', /all rights/], ['GRANT pg_read_server_files TO web;', /server itself/]].map(([text, message]) => inFile('roles-of-the-database-stay-small', `it says ${String(text)}`, POSTGRES, 'roles.sql', `SELECT 1;\n${String(text)}\n`, message as RegExp)),
  { rule: 'mounts-are-used', when: 'nginx is given another folder', breakIt: (p) => nginx2(p, { 'default.conf': NGINX }, '/etc/nginx/config.d'), object: 'Deployment/web', field: `${SPEC}.containers[0].volumeMounts[1].mountPath`, message: /nginx reads \/etc\/nginx\/conf.d, and not/ },
  { rule: 'mounts-are-used', when: 'nginx is given a file of another name', breakIt: (p) => nginx2(p, { 'default.config': NGINX }, '/etc/nginx/conf.d'), object: 'Deployment/web', field: `${SPEC}.containers[0].volumeMounts[1].mountPath`, message: /and not default.config/ },
  { rule: 'pools-keep-no-sessions', when: 'clients keep their connection', breakIt: (p) => (find(p, 'ConfigMap/pooler').data['pgbouncer.ini'] += 'pool_mode = session\nmax_client_conn = 500\n'), object: 'ConfigMap/pooler', field: 'data["pgbouncer.ini"]', message: /480 of 500 clients wait for ever/ },
  ofWeb('images-are-those-meant', 'an image is of another processor', 'containers[0].image', /of the processor amd64, and the nodes are arm64/, (p) => (web(p).image = 'example/web:1.2.3-amd64')),
  ofWeb('images-are-those-meant', 'a container runs the image of another', 'containers[0].image', /container web runs example\/pooler:1.2.3/, (p) => { pod(p).initContainers = [{ ...web(p), name: 'first' }]; web(p).image = 'example/pooler:1.2.3'; }),
  ofWeb('outside-names-are-found', 'no name server outside is asked', 'dnsConfig.nameservers', /calls the internet, and asks no name server/, (p) => find(p, 'NetworkPolicy/web').spec.egress.push({ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 443, protocol: 'TCP' }] })),
  ofWeb('authorities-are-named', 'an authority is mounted and not named', 'volumes[1].secret', /nothing that the pod is told names the authority \/ca\/ca.crt/, (p) => issued(p, 'ca.crt', { what: 'authority' })),
  ofWeb('authorities-are-named', 'another file is taken for the authority', 'containers[0].env[4].value', /\/ca\/tls.pem is no certificate of an authority/, (p) => { issued(p, 'tls.pem', { what: 'server', names: ['web'] }); env('PGSSLROOTCERT', '/ca/tls.pem')(p); }),
  ofWeb('certificates-name-their-service', 'a certificate is of another', 'volumes[1].secret', /is of database, and clients call web/, (p) => issued(p, 'tls.pem', { what: 'server', names: ['database'] })),
  ({ rule: 'nothing-waits-for-the-tunnel', when: 'a tunnel is not of the last wave', object: 'Deployment/web', field: 'metadata.annotations["argocd.argoproj.io/sync-wave"]', message: /HorizontalPodAutoscaler\/web of wave 5 waits for it/, breakIt: (p: SoundPlatform) => { web(p).image = 'cloudflare/cloudflared:2025.11.1'; find(p, 'HorizontalPodAutoscaler/web').metadata.annotations = { 'argocd.argoproj.io/sync-wave': '5' }; } }),
  ofWeb('schemes-are-those-that-are-served', 'TLS is spoken to a plain port', 'containers[0].env[4].value', /https:\/\/pooler:6432: the port http of Service\/pooler speaks plain HTTP/, env('POOLER_URL', 'https://pooler:6432')),
  ofWeb('images-are-those-meant', 'a well-known image is misspelt', 'containers[0].image', /library\/postgress is nearly library\/postgres/, (p) => (web(p).image = 'postgress:16.4')),
  ofWeb('images-are-those-meant', 'an image is nearly called as its container', 'containers[0].image', /example\/wep is nearly web/, (p) => (web(p).image = 'example/wep:1.2.3')),
  ofWeb('programs-are-given-what-they-need', 'a tunnel may replace itself', 'containers[0].args', /--no-autoupdate is missing/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', args: ['tunnel', 'run'] })),
  ofWeb('programs-are-given-what-they-need', 'a tunnel believes whoever answers', 'containers[0].args', /--no-tls-verify: whoever answers in place of Traefik/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', args: ['tunnel', '--no-autoupdate', '--no-tls-verify', 'run'] })),
  ofWeb('programs-are-given-what-they-need', 'tables are made past the migrations', 'containers[0].command', /--run-syncdb makes tables that no migration knows/, (p) => (web(p).command = ['python', 'manage.py', 'migrate', '--run-syncdb'])),
  ofWeb('programs-are-given-what-they-need', 'a migration is only noted down', 'containers[0].command', /--fake changes no table/, (p) => (web(p).command = ['python', 'manage.py', 'migrate', '--fake'])),
  ofWeb('pages-are-answered', 'a tunnel without its edge is ready', 'containers[0].readinessProbe.httpGet.path', /\/ready says whether it can serve/, (p) => Object.assign(web(p), { image: 'cloudflare/cloudflared:2025.11.1', readinessProbe: { httpGet: { path: '/healthcheck', port: 8080 } } })),
  ...['server_tokens on;', ''].map((line): Case => ({ rule: 'servers-keep-their-version', when: `nginx is told ${line || 'nothing of it'}`, breakIt: (p) => nginx(p, NGINX.replace('listen', `${line}\n  listen`)), object: 'ConfigMap/web', field: 'data["default.conf"]', message: /server_tokens (on|is not set): every answer/ })),
  { rule: 'scripts-run-as-they-are-written', when: 'everybody may read what it writes', breakIt: (p) => script(p, '#!/bin/bash\nset -e\numask 022\ndate > /tmp/a\n'), object: 'ConfigMap/web', field: 'data["run.sh"]', message: /umask 022 lets everybody read/ },
  ofWeb('databases-ask-for-passwords', 'a client believes every server', 'containers[0].env[4].value', /PGSSLMODE is require, so that whoever answers/, env('PGSSLMODE', 'require')),
  { rule: 'tasks-wait-for-what-they-call', when: 'it waits for a failure', breakIt: (p) => (find(p, 'CronJob/backup').spec.jobTemplate.spec.template.spec.initContainers[0].command = ['sh', '-c', 'while pg_isready --host=database; do sleep 2; done']), object: 'CronJob/backup', field: 'spec.jobTemplate.spec.template.spec.initContainers[0].command[2]', message: /it waits while pg_isready succeeds/ },
  { rule: 'authorities-are-named', when: 'the key is that of the authority', breakIt: (p) => { issued(p, 'ca.crt', { what: 'authority' }); become(p, 'edoburu/pgbouncer:v1.24.1-p1', { 'pgbouncer.ini': '[pgbouncer]\nclient_tls_key_file = /ca/ca.crt\n' }); }, object: 'ConfigMap/web', field: 'data["pgbouncer.ini"]', message: /\/ca\/ca.crt holds no private key of a server/ },
]; // prettier-ignore
