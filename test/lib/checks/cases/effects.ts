import { stringify } from 'yaml';
import { find, type SoundPlatform } from '../sound-platform';
import { deployment, inWeb, pod, web, type Case } from './case';
import { become, env, inFile, NGINX, nginx, ofWeb, script } from './programs';

const POSTGRES = 'postgres:16.4';
const GATE = 'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6';
const SCRIPT = { object: 'ConfigMap/web', field: 'data["run.sh"]' } as const;
const CONF = { object: 'ConfigMap/web', field: 'data["default.conf"]' } as const;

/** A script that works on a volume that lasts. */
const onVolume = (rule: string, when: string, text: string, message: RegExp): Case => ({
  rule,
  when,
  breakIt: (p) => {
    script(p, `#!/bin/bash\nset -e\n${text}\n`);
    pod(p).volumes.push({ name: 'kept', persistentVolumeClaim: { claimName: 'kept' } });
    web(p).volumeMounts.push({ name: 'kept', mountPath: '/kept' });
    web(p).env.push({ name: 'FOLDER', value: '/kept' });
  },
  ...SCRIPT,
  message,
});

const inScript = (rule: string, when: string, text: string, message: RegExp): Case => ({
  rule,
  when,
  breakIt: (p) => script(p, `#!/bin/bash\nset -e\n${text}\n`),
  ...SCRIPT,
  message,
});

const inNginx = (rule: string, when: string, text: string, message: RegExp): Case => ({
  rule,
  when,
  breakIt: (p) => nginx(p, text),
  ...CONF,
  message,
});

const traefik = (when: string, argument: string, message: RegExp): Case => ({
  rule: 'the-gateway-sees-its-routes',
  when,
  breakIt: (p) =>
    p.files.push({
      path: 'platform/traefik.yaml',
      component: 'traefik',
      objects: [
        {
          apiVersion: 'helm.cattle.io/v1',
          kind: 'HelmChartConfig',
          metadata: { name: 'traefik', namespace: 'kube-system' },
          spec: { valuesContent: stringify({ additionalArguments: [argument] }) },
        },
      ],
    }),
  object: 'HelmChartConfig/traefik',
  field: 'spec.valuesContent: additionalArguments',
  message,
});

/** Has the web service be a server of Postgres with data on a volume. */
function server(p: SoundPlatform): void {
  Object.assign(web(p), { image: POSTGRES, args: ['-c', 'config_file=/etc/postgresql/postgresql.conf'] });
  pod(p).volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'data' } });
  web(p).volumeMounts.push({ name: 'data', mountPath: '/data' });
  web(p).env.push({ name: 'PGDATA', value: '/data/own' }, { name: 'POSTGRES_INITDB_ARGS', value: '--data-checksums' });
}

const setEnv = (p: SoundPlatform, name: string, value: string) =>
  (web(p).env.find((each: { name: string }) => each.name === name).value = value);

/** What scripts do, what variables hold, what servers start with, and where pods are placed. */
// prettier-ignore
export const effectCases: readonly Case[] = [
  onVolume('scripts-delete-by-name', 'what ends deletes by a pattern', `trap 'rm --force "$FOLDER"/*.dump' EXIT\ntrue`, /deletes \$FOLDER\/\*\.dump by a pattern/),
  onVolume('scripts-delete-by-name', 'a whole folder is deleted', 'rm -rf "${FOLDER}"', /deletes \$\{FOLDER\} with all that is below it/),
  onVolume('scripts-delete-by-name', 'what was made is deleted at the end', 'whole="$FOLDER/a"\npartial="$FOLDER/.a"\ntrap \'rm --force "$whole"\' EXIT\nmv "$partial" "$whole"', /deletes \$whole when it ends/),
  inScript('signals-reach-their-program', 'another signal is passed on', `"$@" &\nserver=$!\ntrap 'kill -TERM "$server"' HUP\nwait "$server"`, /at HUP it sends TERM/),
  inScript('signals-reach-their-program', 'a changed file ends the program', '"$@" &\nserver=$!\nuntil cksum a; do\n  kill -TERM "$server"\ndone', /sends TERM, which ends the program/),
  ofWeb('words-are-those-that-scripts-know', 'a word is another', 'containers[0].env[4].value', /FILE is "newest", and the script that reads it knows latest/, (p) => { script(p, '#!/bin/bash\nset -e\nif [[ "$FILE" == latest ]]; then true; fi\n'); env('FILE', 'newest')(p); }),
  { rule: 'scripts-run-as-they-are-written', when: 'an image has no such command', breakIt: (p) => { script(p, '#!/bin/sh\nset -e\npsql --command="SELECT 1"\n', '/bin/sh'); web(p).image = 'edoburu/pgbouncer:v1.24.1-p1'; }, ...SCRIPT, message: /has no psql/ },
  ofWeb('one-key-signs-for-one-program', 'another image is beside it', 'containers[1].image', /example\/other:1 signs with the key of/, (p) => {
    web(p).env.push({ name: 'SECRET_KEY', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } });
    pod(p).containers.push({ ...web(p), name: 'other', image: 'example/other:1' });
  }),
  ofWeb('restores-may-write', 'it is done by the role that dumps', 'containers[0].env[4]', /dumps and restores are by one role, that of the Secret database/, (p) => {
    const restore = become(p, 'example/web:1.2.3', { 'restore.sh': '#!/bin/bash\nset -e\npg_restore --file=- a | psql\n', 'dump.sh': '#!/bin/bash\nset -e\npg_dump --file=a\n' });
    restore.env.push({ name: 'PGUSER', valueFrom: { secretKeyRef: { name: 'database', key: 'username' } } });
    restore.command = ['/bin/bash', '/etc/program/restore.sh'];
    restore.args = [];
    pod(p).containers.push({ ...restore, name: 'dump', command: ['/bin/bash', '/etc/program/dump.sh'] });
  }),
  inScript('dumps-are-whole', 'a piped dump is not on the disk', 'pg_dump --format=custom | gzip > "$part"\npg_restore --list "$part"\nmv "$part" "$FOLDER/a"', /its name before it is on the disk/),
  inScript('dumps-are-whole', 'a dump is copied', 'pg_dump --format=custom --file=a\npg_restore --list a\ncp a "$FOLDER/a"', /name before it is whole/),
  ofWeb('variables-hold-what-they-name', 'a range is none', 'containers[0].env[4].value', /TRUSTED_CIDR is "10.42.0.0\/161"/, env('TRUSTED_CIDR', '10.42.0.0/161')),
  ofWeb('variables-hold-what-they-name', 'a zone is none', 'containers[0].env[4].value', /TZ is "Pacific\/Aukland"/, env('TZ', 'Pacific/Aukland')),
  ofWeb('variables-hold-what-they-name', 'an address of mail is none', 'containers[0].env[4].value', /ADMIN_EMAIL is "admin"/, env('ADMIN_EMAIL', 'admin')),
  ofWeb('variables-hold-what-they-name', 'a duration is none', 'containers[0].env[4].value', /CACHE_TTL is "5 minuets"/, env('CACHE_TTL', '5 minuets')),
  ofWeb('variables-hold-what-they-name', 'hosts are parted by spaces', 'containers[0].env[4].value', /ALLOWED_HOSTS is "a.example.com b"/, env('ALLOWED_HOSTS', 'a.example.com b')),
  ofWeb('variables-are-spelt-alike', 'the end is misspelt', 'containers[0].env[4].name', /SMTP_HOSTNAM ends with HOSTNAM, and HOSTNAME is near/, env('SMTP_HOSTNAM', 'mail')),
  ofWeb('variables-are-spelt-alike', 'a Service is misspelt', 'containers[0].env[4].name', /POOLRE_URL holds the address of pooler/, env('POOLRE_URL', 'http://pooler:6432')),
  ofWeb('credentials-belong-together', 'a name is read as a password', 'containers[0].env[4]', /X_PASSWORD is read from the key username/, (p) => web(p).env.push({ name: 'X_PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'username' } } })),
  ofWeb('servers-keep-their-data-whole', 'data lie on the volume itself', 'containers[0].env', /PGDATA is \/data itself/, (p) => { server(p); setEnv(p, 'PGDATA', '/data'); }),
  ofWeb('servers-keep-their-data-whole', 'pages have no checksums', 'containers[0].env', /no --data-checksums/, (p) => { server(p); setEnv(p, 'POSTGRES_INITDB_ARGS', '--encoding=UTF8'); }),
  ofWeb('servers-keep-their-data-whole', 'the settings are not named', 'containers[0].args', /nothing tells the server of \/etc\/postgresql\/postgresql.conf/, (p) => { become(p, POSTGRES, { 'postgresql.conf': 'port = 8080\n' }, '/etc/postgresql'); server(p); web(p).args = []; }),
  inFile('old-encryption-is-refused', 'Postgres admits an old version', POSTGRES, 'postgresql.conf', "ssl_min_protocol_version = 'TLSv1'\n", /ssl_min_protocol_version is 'TLSv1'/),
  inFile('old-encryption-is-refused', 'the pooler admits every version', 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', '[pgbouncer]\nclient_tls_protocols = all\n', /client_tls_protocols is all/),
  ofWeb('images-have-the-version-that-is-known', 'the database is of another version', 'containers[0].image', /of version 17, and everything here is of 16/, (p) => (web(p).image = 'postgres:17.2')),
  inFile('options-are-written-once', 'a line is there twice', POSTGRES, 'postgresql.conf', 'max_connections = 100\nmax_connections = 1000\n', /max_connections is 100 and, further down, 1000/),
  inNginx('servers-can-serve-their-pages', 'TLS has no certificate', NGINX.replace('8080', '8080 ssl'), /there is no ssl_certificate/),
  inNginx('servers-can-serve-their-pages', 'nobody listens to IPv4', NGINX.replace('8080', '[::]:8080'), /on which nobody listens/),
  inNginx('servers-can-serve-their-pages', 'pages are in no folder', NGINX.replace('listen', 'try_files $uri =404;\n  listen'), /no root says of which folder/),
  inNginx('servers-can-serve-their-pages', 'the folder is another', NGINX.replace('listen', 'root /srv/www;\n  try_files $uri =404;\n  listen'), /root \/srv\/www is neither mounted/),
  inNginx('settings-are-within-reason', 'anything may be sent', NGINX.replace('listen', 'client_max_body_size 0;\n  listen'), /client_max_body_size is 0/),
  ofWeb('probes-are-answered-well', 'the page is an error', 'containers[0].readinessProbe.httpGet.path', /nginx answers \/healthz with 503/, (p) => { nginx(p, NGINX.replace('200', '503')); web(p).readinessProbe = { httpGet: { path: '/healthz', port: 8080 } }; }),
  inFile('servers-are-heard-by-default', 'sign-in is told no address', GATE, 'gate.cfg', 'upstreams = ["static://202"]\n', /heard on 127.0.0.1 alone/),
  inFile('programs-are-given-what-they-need', 'a provider of one’s own is nowhere', GATE, 'gate.cfg', 'provider = "oidc"\n', /provider oidc has no oidc_issuer_url/),
  ofWeb('tolerations-name-their-taint', 'every taint is tolerated', 'tolerations[0]', /every taint is tolerated/, (p) => (pod(p).tolerations = [{ operator: 'Exists' }])),
  ofWeb('system-priorities-are-of-the-system', 'a pod is more than Kubernetes', 'priorityClassName', /for parts of Kubernetes alone/, (p) => (pod(p).priorityClassName = 'system-cluster-critical')),
  ofWeb('pods-serve-until-they-are-forgotten', 'a pod ends at once', 'containers[0].lifecycle.preStop', /goes on leading to it/, (p) => delete web(p).lifecycle),
  ofWeb('images-are-kept-on-their-nodes', 'the mirror is asked each time', 'containers[0].imagePullPolicy', /asked at each start/, (p) => (web(p).imagePullPolicy = 'Always')),
  ofWeb('memory-holds-what-is-kept-in-it', 'shared memory is on the disk', 'containers[0].volumeMounts', /\/dev\/shm is on the card/, (p) => { pod(p).volumes.push({ name: 'shm', emptyDir: { sizeLimit: '1Mi' } }); web(p).volumeMounts.push({ name: 'shm', mountPath: '/dev/shm' }); }),
  ofWeb('replicated-pods-are-spread', 'other pods are counted', 'topologySpreadConstraints[0].labelSelector', /have not the labels/, (p) => (pod(p).topologySpreadConstraints[0].labelSelector = { matchLabels: { app: 'other' } })),
  { rule: 'roll-outs-keep-serving', when: 'no version is kept', breakIt: (p) => (find(p, deployment).spec.revisionHistoryLimit = 0), object: deployment, field: 'spec.revisionHistoryLimit', message: /no version is kept/ },
  { rule: 'roll-outs-keep-serving', when: 'a roll-out has no time', breakIt: (p) => (find(p, deployment).spec.progressDeadlineSeconds = 10), object: deployment, field: 'spec.progressDeadlineSeconds', message: /fails? after 10 s|failed after 10 s/ },
  { rule: 'services-leave-addresses-to-the-cluster', when: 'callers of other nodes are not answered', breakIt: (p) => (find(p, 'Service/web').spec.internalTrafficPolicy = 'Local'), object: 'Service/web', field: 'spec.internalTrafficPolicy', message: /answered by nobody/ },
  { rule: 'services-leave-addresses-to-the-cluster', when: 'the addresses are of another kind', breakIt: (p) => (find(p, 'Service/web').spec.ipFamilies = ['IPv6']), object: 'Service/web', field: 'spec.ipFamilies', message: /IPv4 addresses alone/ },
  { rule: 'config-map-keys-exist', when: 'one file is mounted that is not there', breakIt: (p) => { become(p, GATE, { 'a.cfg': '' }); web(p).volumeMounts.at(-1).subPath = 'b.cfg'; }, object: deployment, field: inWeb('volumeMounts[1].subPath'), message: /has no key b.cfg/ },
  { rule: 'images-are-those-meant', when: 'a project publishes elsewhere', breakIt: (p) => (web(p).image = 'oauth2-proxy/oauth2-proxy:v7.15.6'), object: deployment, field: inWeb('image'), message: /the project publishes it at quay.io/ },
  traefik('another class is asked for', '--providers.kubernetesingress.ingressclass=nginx', /every Ingress here is of the class traefik/),
  traefik('another namespace is looked at', '--providers.kubernetescrd.namespaces=default', /routes of shop are not looked at/),
  traefik('an entry point is elsewhere', '--entrypoints.websecure.address=:443', /lead to 8443/),
];
