import { inFile } from '../mutation';

/** In the stack under Docker Compose. */
// prettier-ignore
export const wellMeantOneMachine = [
  ...inFile(
    "charts/compose.ts",
    ["'172.30.0.0/24'", "'172.17.0.0/16'", /networks\.default\.ipam\.config\[0\]\.subnet:.*172\.17\.0\.0\/16 overlaps 172\.17\.0\.0\/16, which is Docker's own.*\[one-machine-runs-the-same\]/],
    ["'172.30.0.0/24'", "'172.30.0.0/30'", /networks\.default\.ipam\.config\[0\]\.subnet:.*172\.30\.0\.0\/30 has no address for each of 5 services.*\[one-machine-runs-the-same\]/],
    ["[postgres.host]: { without: [POSTGRES_ROLES] },", "[postgres.host]: { without: [POSTGRES_ROLES], published: [postgres.port] },", /services\.postgres\.ports:.*5432:5432 opens it to whoever reaches the machine.*\[one-machine-is-closed-too\]/],
    ["[idaes.host]: { prober: 'python' },", "[idaes.host]: { prober: 'python', published: [idaes.port] },", /services\.idaes\.ports\[0\]:.*8080:8080 opens what no Ingress of the cluster leads to.*\[one-machine-runs-the-same\]/],
    ["[pgbouncer.host]: { prober: 'busybox' },", "[pgbouncer.host]: { prober: 'python' },", /services\.pgbouncer\.healthcheck\.test:.*the image edoburu\/pgbouncer has no python.*\[one-machine-runs-the-same\]/],
    ["'database-migration': { onlyByHand: true, ", "'database-migration': { ", /charts\/compose\.ts:\d+: Compose file: database-migration is a Job, which ends, and Docker would start it ag/],
    ["published: [djangoApi.port]", "published: [80]", /services\.django-api\.ports\[0\]:.*nothing listens on 80.*\[one-machine-runs-the-same\]/],
    ["[Postgres, PgBouncer, DjangoApi, Idaes]", "[Postgres, DjangoApi, Idaes]", /charts\/compose\.ts:\d+: Compose file: options are given for pgbouncer, which is none of the components' pod/],
    ["podNetwork: NETWORK,", "", /configs\.pg_hba-conf\.content:.*no line lets clients of 172\.30\.0\.0\/24 in.*\[one-machine-runs-the-same\]/],
  ),
  ...inFile(
    "lib/constructs/compose/service.ts",
    ["      security_opt: ['no-new-privileges:true'],\n", "", /services\.database-migration\.security_opt:.*a setuid program would give it rights that it was started.*\[one-machine-is-closed-too\]/],
    ["security_opt: ['no-new-privileges:true'],", "security_opt: ['seccomp:unconfined'],", /services\.database-migration\.security_opt:.*a setuid program would give it rights that it was started.*\[one-machine-is-closed-too\]/],
    ["cap_drop: ['ALL'],", "cap_drop: ['ALL'], network_mode: 'host',", /services\.database-migration\.network_mode:.*it shares the network host.*\[one-machine-is-closed-too\]/],
    ["cap_drop: ['ALL'],", "cap_drop: ['ALL'], privileged: true,", /services\.database-migration\.privileged:.*the container is root on its machine.*\[one-machine-is-closed-too\]/],
    ["cap_drop: ['ALL'],", "cap_drop: ['ALL'], cpus: '1',", /services\.database-migration\.cpus:.*it is held back by a limit that the machine of the benchmark is.*\[one-machine-runs-the-same\]/],
    ["cap_drop: ['ALL'],", "cap_drop: ['ALL'], pid: 'host',", /services\.database-migration\.pid:.*it shares what is the machine’s own.*\[one-machine-runs-the-same\]/],
    ["cap_drop: ['ALL'],", "cap_drop: ['ALL'], mem_limit: '512m',", /services\.database-migration\.mem_limit:.*it is held back by a limit that the machine of the benchmark is.*\[one-machine-runs-the-same\]/],
    ["image: container!.image,", "image: container!.image.replace(/:.*/, ''),", /services\.database-migration\.image:.*ahuora\/django-api names no version, and any may run.*\[one-machine-runs-the-same\]/],
    ["restart: 'unless-stopped'", "restart: 'unless_stopped'", /services\.django-api\.restart:.*"unless_stopped" is none of no, always, on-failure,.*\[one-machine-runs-the-same\]/],
    ["restart: 'unless-stopped'", "restart: 'no'", /services\.django-api\.restart:.*it stays away after a restart of the machine, or once it has.*\[one-machine-runs-the-same\]/],
    ["user: `${runAs.user}:${runAs.group}`,", "", /services\.database-migration\.user:.*it runs as whoever its image says, root perhaps.*\[one-machine-runs-the-same\]/],
    ["stop_grace_period: `${pod.terminationGracePeriodSeconds ?? 30}s`", "stop_grace_period: `${pod.terminationGracePeriodSeconds ?? 30}`", /services\.database-migration\.stop_grace_period:.*"30" is no duration, such as 30s.*\[one-machine-runs-the-same\]/],
    ["`${port}:${port}`", "`${port}`", /services\.django-api\.ports\[0\]:.*8000 opens no port of the machine that is known beforehand.*\[one-machine-runs-the-same\]/],
    ["`${port}:${port}`", "`127.0.0.1:${port}:${port}`", /services\.django-api\.ports\[0\]:.*127\.0\.0\.1:8000:8000 opens no port of the machine that is known.*\[one-machine-runs-the-same\]/],
  ),
  ...inFile(
    "lib/constructs/compose/health-check.ts",
    ["interval: `${asked.periodSeconds}s`,", "interval: `${asked.periodSeconds}`,", /services\.django-api\.healthcheck\.interval:.*"30" is no duration, such as 10s.*\[one-machine-runs-the-same\]/],
    ["test: ['CMD', ", "test: ['CMD-SHELL', ", /services\.django-api\.healthcheck\.test:.*CMD-SHELL runs no list of words.*\[one-machine-runs-the-same\]/],
    ["retries: asked.failureThreshold,", "", /services\.django-api\.healthcheck\.retries:.*it is not said after how many failures the service counts as.*\[one-machine-runs-the-same\]/],
    ["`http://127.0.0.1:${action.port}${action.path}`;\n  const headers", "`http://127.0.0.1:80${action.path}`;\n  const headers", /services\.django-api\.healthcheck\.test:.*nothing listens on 80.*\[one-machine-runs-the-same\]/],
  ),
  ...inFile(
    "lib/constructs/compose/file-system.ts",
    ["mode: 0o440,", "mode: 0o400,", /services\.database-migration\.secrets\[0\]\.gid:.*database-authority-ca-crt cannot be read by the group 1000, as.*\[one-machine-runs-the-same\]/],
    ["mode: 0o440,", "mode: 0o444,", /services\.database-migration\.secrets\[0\]\.mode:.*database-authority-ca-crt may be read by others than the group.*\[one-machine-runs-the-same\]/],
    ["uid: '0',\n    gid: String(user.group),", "uid: '0',\n    gid: '0',", /services\.database-migration\.secrets\[0\]\.gid:.*database-authority-ca-crt cannot be read by the group 1000, as.*\[one-machine-runs-the-same\]/],
    ["uid=${user},gid=${group},mode=0700", "mode=0700", /services\.database-migration\.tmpfs\[0\]:.*\/tmp:size=64m,mode=0700 belongs to root, and the service runs.*\[one-machine-runs-the-same\]/],
    ["...(!copiedIn && { read_only: true }),", "", /services\.idaes\.read_only:.*its root file system can be written to.*\[one-machine-runs-the-same\]/],
    ["quantity.replace(/i$/, '').toLowerCase()", "quantity.toLowerCase()", /services\.database-migration\.tmpfs\[0\]:.*\/tmp:size=64mi,uid=1000,gid=1000,mode=0700 has no size that.*\[one-machine-runs-the-same\]/],
  ),
  ...inFile(
    "lib/constructs/compose/variables.ts",
    [":?set it in .env}", ":-}", /DATABASE_OWNER_USERNAME:.*\$\{DATABASE_OWNER_USERNAME:-\} does without the variable where it.*\[one-machine-runs-the-same\]/],
    [":?set it in .env}", ":-changeme}", /DATABASE_OWNER_USERNAME:.*\$\{DATABASE_OWNER_USERNAME:-changeme\} does without the variable.*\[one-machine-runs-the-same\]/],
  ),
  ...inFile(
    "lib/constructs/compose/file.ts",
    ["'service_healthy' : 'service_started'", "'service_started' : 'service_started'", /services\.database-migration\.depends_on\.postgres\.condition:.*it begins at service_started, and postgres serves at.*\[one-machine-runs-the-same\]/],
    ["'service_healthy' : 'service_started'", "'healthy' : 'service_started'", /services\.database-migration\.depends_on\.postgres\.condition:.*it begins at healthy, and postgres serves at service_healthy.*\[one-machine-runs-the-same\]/],
    ["map((volume) => [volume, {}])", "map((volume) => [volume, { external: true }])", /volumes\.postgres-data:.*Docker is to find it \(external\), and nothing makes it.*\[one-machine-runs-the-same\]/],
    ["networks: { default: { ipam: { config: [{ subnet }] } } },", "networks: { default: { internal: true, ipam: { config: [{ subnet }] } } },", /networks\.default\.internal:.*no published port leads into it.*\[one-machine-runs-the-same\]/],
    ["map((volume) => [volume, {}])", "map((volume) => [volume, { driver: 'nfs' }])", /volumes\.postgres-data:.*Docker is to find it \(driver\), and nothing makes it.*\[one-machine-runs-the-same\]/],
  ),
];
