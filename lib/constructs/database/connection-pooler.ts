import type { Component } from '../component';
import { ConfigFiles } from '../config-files';
import { serviceEndpoint, type ServiceEndpoint } from '../network/endpoint';
import type { Resources } from '../pod/resources';
import { tcpConnect, usualProbes } from '../pod/probe';
import { scratch } from '../pod/volume';
import type { SecretReference } from '../../kubernetes/secret';
import { ScalableDeployment } from '../workload/scalable-deployment';
import { OneAtATime, PodService } from '../workload/service';
import { mayBeMany } from '../workload/single-container';

/** PgBouncer in front of one database. */
export interface ConnectionPoolerProps {
  /** Of PgBouncer, such as `registry/name:tag`. */
  readonly image: string;
  /** That clients connect to. */
  readonly port: number;
  /** Pods, each with pools of its own: their connections add up. */
  readonly replicas: number;
  /** The database server that it opens connections to. */
  readonly server: ServiceEndpoint;
  /** Name of the database on that server. */
  readonly database: string;
  /** The role of the clients, which is also that of the server connections. */
  readonly username: SecretReference;
  /** Key of the Secret with the password of the role. */
  readonly password: SecretReference;
  /** Certificate with its private key, in PEM, that clients know the pooler by. */
  readonly certificate: SecretReference;
  /** Certificate of the authority that the server is known by. */
  readonly authority: SecretReference;
  /** Server connections of one pooler. */
  readonly poolSize: number;
  /** Further ones once a client has waited for `reserveTimeoutSeconds`. */
  readonly reservePoolSize: number;
  /** @default 3 */
  readonly reserveTimeoutSeconds?: number;
  /** Clients of one pooler; those beyond the pool wait. */
  readonly maxClientConnections: number;
  /** `max_connections` of the server. */
  readonly serverMaxConnections: number;
  /** Connections of the server left to superusers, migrations and backups. @default 10 */
  readonly serverConnectionsKept?: number;
  /** CPU and memory of each pod. */
  readonly resources: Resources;
  /** Name of a PriorityClass. @default none */
  readonly priorityClass?: string;
}

const CONFIG = '/etc/pgbouncer';
const USERS = '/run/pgbouncer';
const CERTIFICATE = '/etc/pgbouncer-certificate';
const AUTHORITY = '/etc/pgbouncer-authority';
/** `postgres` in Alpine, on which the image is built. */
const PGBOUNCER_USER = { user: 70, group: 70 } as const;

/**
 * A connection pooler: PgBouncer in transaction mode, encrypted on both sides. Clients beyond its few server connections wait
 * their turn. Its list of users is written into memory when the pod starts, so that the password stays in the Secret.
 *
 * @throws Error when all poolers together could open more connections than the server accepts.
 */
export class ConnectionPooler {
  readonly endpoint: ServiceEndpoint;

  constructor(component: Component, props: ConnectionPoolerProps) {
    refuseTooManyConnections(component.name, props);
    const { image, port, replicas, server, resources } = props;
    const config = new ConfigFiles(component, `${component.name}-config`, poolerFiles(props));
    const userList = scratch(USERS, '1Mi', { inMemory: true });
    new ScalableDeployment(component, {
      replicas,
      priorityClass: props.priorityClass,
      // No surplus pod during a roll-out: its pool would not fit into the server's connections.
      maxSurge: 0,
      maxUnavailable: 1,
      runAs: PGBOUNCER_USER,
      // Files of Secrets can be read by the pod's group alone.
      volumeGroup: PGBOUNCER_USER.group,
      initContainers: [
        {
          name: 'write-user-list',
          image,
          command: ['/bin/sh', `${CONFIG}/write-user-list.sh`, `${USERS}/userlist.txt`],
          environment: { DATABASE_USER: props.username, DATABASE_PASSWORD: props.password },
          mounts: [{ kind: 'config', config, path: CONFIG }, userList],
          resources: { cpu: { request: '10m', limit: '100m' }, memory: { request: '16Mi', limit: '32Mi' } },
        },
      ],
      containers: [
        {
          name: component.name,
          image,
          command: [
            ...['/bin/sh', `${CONFIG}/run.sh`, certificateOf(props), authorityOf(props)],
            ...['pgbouncer', `${CONFIG}/pgbouncer.ini`],
          ],
          ports: [{ name: 'postgresql', port }],
          mounts: [
            { kind: 'config', config, path: CONFIG },
            { kind: 'secret', reference: props.certificate, path: CERTIFICATE },
            { kind: 'secret', reference: props.authority, path: AUTHORITY },
            userList,
          ],
          resources,
          probes: usualProbes(tcpConnect(port)),
          preStopSleepSeconds: 5,
        },
      ],
    });
    new PodService(component, { port, portName: 'postgresql' });
    if (mayBeMany(replicas)) new OneAtATime(component);
    component.connects([server]);
    this.endpoint = serviceEndpoint(component.name, port);
  }
}

/** The files that PgBouncer is configured by. */
function poolerFiles(props: ConnectionPoolerProps): Record<'pgbouncer.ini' | 'write-user-list.sh' | 'run.sh', string> {
  return { 'pgbouncer.ini': pgbouncerIni(props), 'write-user-list.sh': WRITE_USER_LIST, 'run.sh': RUN };
}

const certificateOf = ({ certificate }: ConnectionPoolerProps) => `${CERTIFICATE}/${certificate.key}`;
const authorityOf = ({ authority }: ConnectionPoolerProps) => `${AUTHORITY}/${authority.key}`;

/** Settings: https://www.pgbouncer.org/config.html */
function pgbouncerIni(props: ConnectionPoolerProps): string {
  const { server, database } = props;
  return [
    '[databases]',
    `${database} = host=${server.host} port=${server.port} dbname=${database}`,
    '',
    '[pgbouncer]',
    'listen_addr = 0.0.0.0',
    `listen_port = ${props.port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${USERS}/userlist.txt`,
    '',
    '; A server connection is given back after each transaction. Clients must not keep state in the session.',
    'pool_mode = transaction',
    'server_reset_query =',
    'ignore_startup_parameters = extra_float_digits',
    '',
    '; Per pooler; together the poolers stay below max_connections of the server.',
    `default_pool_size = ${props.poolSize}`,
    `reserve_pool_size = ${props.reservePoolSize}`,
    `reserve_pool_timeout = ${props.reserveTimeoutSeconds ?? 3}`,
    `max_db_connections = ${props.poolSize + props.reservePoolSize}`,
    `max_client_conn = ${props.maxClientConnections}`,
    '',
    '; A client waits up to this long for a connection; a dead server is tried again every second.',
    'query_wait_timeout = 30',
    'server_connect_timeout = 5',
    'server_login_retry = 1',
    'server_idle_timeout = 300',
    'server_lifetime = 3600',
    '',
    '; A machine that loses its power says nothing: who acknowledges nothing for ten seconds is gone.',
    'tcp_user_timeout = 10000',
    'tcp_keepidle = 10',
    'tcp_keepintvl = 5',
    'tcp_keepcnt = 3',
    '; The server has a name and no fixed address: that it has none, or a new one, is by default known 15 seconds late.',
    'dns_nxdomain_ttl = 1',
    'dns_max_ttl = 5',
    '',
    '; Clients must encrypt; the server must be the one of this name, by a certificate of the authority.',
    'client_tls_sslmode = require',
    `client_tls_cert_file = ${certificateOf(props)}`,
    `client_tls_key_file = ${certificateOf(props)}`,
    'server_tls_sslmode = verify-full',
    `server_tls_ca_file = ${authorityOf(props)}`,
    '',
    'log_connections = 0',
    'log_disconnections = 0',
    'log_pooler_errors = 1',
    '',
  ].join('\n');
}

/** Quotes are doubled, as the file's format wants: https://www.pgbouncer.org/config.html#authentication-file-format */
const WRITE_USER_LIST = `#!/bin/sh
# Writes PgBouncer's list of users from the environment into the file named by the first argument.
set -eu
umask 077
doubled() {
  printf '%s' "$1" | sed 's/"/""/g'
}
printf '"%s" "%s"\\n' "$(doubled "$DATABASE_USER")" "$(doubled "$DATABASE_PASSWORD")" > "$1"
`;

/** PgBouncer reads its files again on SIGHUP: https://www.pgbouncer.org/usage.html#signals */
const RUN = `#!/bin/sh
# Runs the command behind the two files, and has it read them again when one of them has changed: the kubelet renews the files of a
# Secret in a pod that runs, within about a minute.
set -eu
certificate="$1" authority="$2"
shift 2
"$@" &
server=$!
trap 'kill -TERM "$server"' TERM
trap 'kill -INT "$server"' INT
trap 'kill -HUP "$server"' HUP
digest() {
  cat "$certificate" "$authority" | cksum
}
(
  trap - TERM INT HUP
  known="$(digest)"
  while sleep "\${RELOAD_SECONDS:-30}"; do
    now="$(digest)" || continue
    [ "$now" != "$known" ] || continue
    echo 'certificate or authority has changed: reloading'
    known="$now"
    kill -HUP "$server"
  done
) &
watcher=$!
# A trapped signal ends the wait, and not what is waited for.
while kill -0 "$server" 2> /dev/null; do
  status=0
  wait "$server" || status=$?
done
kill "$watcher" 2> /dev/null || true
exit "$status"
`;

function refuseTooManyConnections(name: string, props: ConnectionPoolerProps): void {
  const { replicas, poolSize, reservePoolSize, serverMaxConnections, serverConnectionsKept = 10 } = props;
  const wanted = replicas * (poolSize + reservePoolSize);
  const available = serverMaxConnections - serverConnectionsKept;
  if (wanted <= available) return;
  throw new Error(
    `${name}: ${replicas} poolers x (${poolSize} + ${reservePoolSize} in reserve) = ${wanted} connections, but the server ` +
      `leaves ${available} (max_connections ${serverMaxConnections} less ${serverConnectionsKept} kept); lower poolSize or replicas.`,
  );
}
