import type { ContainerSpec } from '../../kubernetes/kinds/core-kinds';
import { parseImage } from '../../kubernetes/image';
import { filesOf } from '../objects/calls';
import { asList, podField, PROBES, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { inContainer } from '../container-rule';
import { podRule, wiringRule, type Rule, type Violation } from '../rule';
import { egressOf, type PolicyPeer } from '../wiring/edges';
import { isNginx, programOf } from './written-options';

/** Rules of what known programs need around them. */
export const needRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'programs-reach-what-they-serve',
      why: 'A tunnel without its edge, or a sign-in without its provider, starts and serves nobody.',
      remedy: 'declare the connection where the component is made, with the ports of the service outside',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const peers = egressOf(scope, pod.namespace, pod.labels);
        for (const { spec } of pod.containers) {
          const need = NEEDS.find(({ program }) => program === programOf(spec));
          if (!need) continue;
          yield* unmet(pod, peers, need);
          yield* unneeded(pod, peers, need);
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'name-servers-are-reached',
      why: 'A name server that the pod may not ask is waited for at every look-up.',
      remedy: 'let the pod reach port 53 of each name server that it is given, by UDP and TCP',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const servers = pod.spec.dnsConfig?.nameservers ?? [];
        const peers = egressOf(scope, pod.namespace, pod.labels);
        for (const [index, server] of servers.entries()) {
          const ports = peers.filter(({ block }) => block === `${server}/32`).flatMap((peer) => peer.ports);
          const missing = ['UDP', 'TCP'].filter(
            (by) => !ports.some(({ port, protocol }) => port === 53 && protocol === by),
          );
          if (missing.length === 0) continue;
          const field = podField(pod, `dnsConfig.nameservers[${index}]`);
          const message = `no NetworkPolicy lets the pod ask ${String(server)} by ${missing.join(' and ')}`;
          yield { at: pod.at, field, message };
        }
      }
    },
  ),
  podRule(
    {
      id: 'images-run-as-their-user',
      why: 'An image whose files belong to one user does not start as another, and data of one user is closed to the other.',
      remedy: 'set runAsUser and runAsGroup to those that the image has',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const image = typeof container.spec.image === 'string' ? parseImage(container.spec.image) : undefined;
        const wanted = image && userOf(image.repository, image.tag ?? '');
        // Clients of Postgres run as anybody; the server, and what shares files with one, do not.
        const sharesFiles = asList(pod.spec.volumes).some(({ persistentVolumeClaim }) => persistentVolumeClaim);
        if (wanted === undefined || (asList(container.spec.ports).length === 0 && !sharesFiles)) continue;
        const settings = { ...pod.spec.securityContext, ...container.spec.securityContext };
        for (const field of ['runAsUser', 'runAsGroup'] as const) {
          if (settings[field] === undefined || settings[field] === wanted) continue;
          const message = `${image!.repository} has the user ${wanted}, and ${field} is ${settings[field]}`;
          yield { at: pod.at, field: podField(pod, `securityContext.${field}`), message };
        }
      }
    },
  ),
  podRule(
    {
      id: 'sockets-are-shared',
      why: 'A program beside its database that sees no socket, and is told no host, finds no server.',
      remedy: 'mount the folder of the socket in both containers, or tell the program a host',
    },
    function* (pod) {
      const ofPostgres = pod.containers.filter(({ spec }) => programOf(spec) === 'postgres');
      const server = ofPostgres.find(({ spec, isInit }) => !isInit && asList(spec.ports).length > 0);
      const socket = asList(server?.spec.volumeMounts).find(({ mountPath }) => SOCKET.test(String(mountPath)));
      if (!socket) return;
      for (const container of ofPostgres.filter((each) => each !== server)) {
        const isTold = asList(container.spec.env).some(({ name }) => name === 'PGHOST');
        const mounts = asList(container.spec.volumeMounts);
        if (isTold || mounts.some(({ name, mountPath }) => name === socket.name && SOCKET.test(String(mountPath))))
          continue;
        const message = `the socket of ${server!.spec.name} in ${socket.mountPath} is not mounted, and there is no PGHOST`;
        yield inContainer(pod, container, 'volumeMounts', message);
      }
    },
  ),
  wiringRule(
    {
      id: 'databases-are-served',
      why: 'A client that names a database which the server does not have is refused at every connection.',
      remedy: 'take the name from the settings, as the server does',
    },
    function* (scope) {
      const served = new Set(scope.pods.flatMap((pod) => databasesOf(scope, pod)));
      if (served.size === 0) return;
      for (const pod of scope.pods) {
        for (const { spec, field } of pod.containers) {
          for (const [index, { name, value }] of asList(spec.env).entries()) {
            if (!/^(DATABASE_NAME|DB_NAME|PGDATABASE|POSTGRES_DB)$/.test(String(name)) || typeof value !== 'string')
              continue;
            if (served.has(value)) continue;
            const message = `${name}: there is no database ${value}; there is ${[...served].join(', ')}`;
            yield { at: pod.at, field: `${field}.env[${index}].value`, message };
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'pages-are-answered',
      why: 'A probe that asks for a page which the program does not have, or by a name that it refuses, never succeeds.',
      remedy: 'ask for a page that the program answers, and by a host that it serves',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const pages = isNginx(pod) ? pagesOfNginx(scope, pod) : undefined;
        for (const container of pod.containers) {
          const program = programOf(container.spec);
          const known = pages ?? (program ? PAGES[program] : undefined);
          const hosts = allowedHosts(container.spec.env);
          for (const probe of PROBES) {
            const { path, httpHeaders } = container.spec[probe]?.httpGet ?? {};
            if (path === undefined) continue;
            if (known && !known.includes(path)) {
              const message = `${path} is no page of it; there are ${known.join(', ')}`;
              yield inContainer(pod, container, `${probe}.httpGet.path`, message);
            }
            const ready = program ? READY[program] : undefined;
            if (ready && probe === 'readinessProbe' && path !== ready) {
              const message = `${path} is answered as soon as it runs; ${ready} says whether it can serve`;
              yield inContainer(pod, container, `${probe}.httpGet.path`, message);
            }
            const host = asList(httpHeaders).find(({ name }) => /^host$/i.test(String(name)))?.value;
            if (!hosts || hosts.includes(String(host ?? '')) || hosts.includes('*')) continue;
            const message = `by ALLOWED_HOSTS it answers ${hosts.join(', ')}, and the header Host is ${host ?? 'its address'}`;
            yield inContainer(pod, container, `${probe}.httpGet.httpHeaders`, message);
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'pools-keep-no-sessions',
      why: 'A pooler in transaction mode gives the next statement another connection, which knows nothing of the last one.',
      remedy:
        "set DISABLE_SERVER_SIDE_CURSORS to 'true' (https://docs.djangoproject.com/en/stable/ref/databases/#transaction-pooling-server-side-cursors)",
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const { at, field, text } of filesOf(scope, pod)) {
          if (!/^\[pgbouncer\]/m.test(text)) continue;
          const setting = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'm').exec(text)?.[1];
          const [clients, pool] = [
            Number(setting('max_client_conn') ?? 100),
            Number(setting('default_pool_size') ?? 20),
          ];
          if (
            (setting('pool_mode') ?? 'session') !== 'session' ||
            clients <= pool ||
            setting('max_client_conn') === undefined
          )
            continue;
          const message = `pool_mode session gives a client its connection until it leaves, so ${clients - pool} of ${clients} clients wait for ever`;
          yield { at, field, message, remedy: 'write pool_mode = transaction' };
        }
      }
      const poolers = new Set(
        scope.pods
          .filter((pod) =>
            filesOf(scope, pod).some(({ text }) => /^pool_mode\s*=\s*(transaction|statement)\b/m.test(text)),
          )
          .map(({ at }) => at.object.metadata.name),
      );
      for (const pod of scope.pods) {
        for (const container of pod.containers) {
          const values = new Map(asList(container.spec.env).map(({ name, value }) => [name, value]));
          if (!poolers.has(String(values.get('DATABASE_HOST'))) || values.get('DISABLE_SERVER_SIDE_CURSORS') === 'true')
            continue;
          const message = `DISABLE_SERVER_SIDE_CURSORS is ${values.get('DISABLE_SERVER_SIDE_CURSORS') ?? 'not set'}, and ${values.get('DATABASE_HOST')} pools transactions`;
          yield inContainer(pod, container, 'env', message);
        }
      }
    },
  ),
];

/** Where Debian's Postgres, on which the image is built, keeps its socket. */
const SOCKET = /^(\/var)?\/run\/postgresql\/?$/;

interface Need {
  readonly program: string;
  readonly what: string;
  /** Ports that must be open to the internet. */
  readonly ports: readonly (readonly [port: number, protocol: string])[];
  /** Calls pods of the cluster as well. */
  readonly callsPods?: boolean;
}

/**
 * Sources: https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/tunnel-with-firewall/
 * and https://oauth2-proxy.github.io/oauth2-proxy/configuration/providers/.
 */
const NEEDS: readonly Need[] = [
  {
    program: 'cloudflared',
    what: "Cloudflare's edge",
    ports: [
      [7844, 'UDP'],
      [7844, 'TCP'],
    ],
    callsPods: true,
  },
  { program: 'oauth2-proxy', what: 'the provider of sign-in', ports: [[443, 'TCP']] },
];

function* unmet(pod: PodTemplate, peers: readonly PolicyPeer[], { what, ports, callsPods }: Need): Iterable<Violation> {
  const wide = peers.filter(({ block }) => block === '0.0.0.0/0');
  for (const [port, protocol] of ports) {
    const isOpen = wide.some((peer) => peer.ports.some((entry) => entry.port === port && entry.protocol === protocol));
    if (isOpen) continue;
    const message = `no NetworkPolicy lets the pod reach ${what} on ${port}/${protocol}`;
    yield { at: pod.at, field: podField(pod, 'containers[0]'), message };
  }
  if (callsPods && !peers.some(({ pods }) => pods && pods['k8s-app'] !== 'kube-dns')) {
    const message = 'no NetworkPolicy lets the pod reach what it forwards to';
    yield { at: pod.at, field: podField(pod, 'containers[0]'), message };
  }
}

/** Every further port is a way out for whoever breaks in. */
function* unneeded(pod: PodTemplate, peers: readonly PolicyPeer[], { program, ports }: Need): Iterable<Violation> {
  for (const { at, field, block, ports: open } of peers) {
    if (block !== '0.0.0.0/0') continue;
    const further = open.filter(
      ({ port, protocol }) => !ports.some(([known, by]) => known === port && by === protocol),
    );
    if (further.length === 0) continue;
    const list = further.map(({ port, protocol }) => `${port}/${protocol}`).join(', ');
    const message = `${program} has no use for ${list} of the internet, and whoever breaks into ${pod.at.label} has`;
    yield { at, field, message, remedy: 'name the ports that the program needs, and no other' };
  }
}

/** Numeric user and group of an image's own user: Debian's and Alpine's postgres, and what is built on the latter. */
function userOf(repository: string, tag: string): number | undefined {
  if (repository === 'library/postgres') return tag.includes('alpine') ? 70 : 999;
  return repository === 'edoburu/pgbouncer' ? 70 : undefined;
}

/** Databases that a pooler hands out, or that a server makes at its first start. */
function databasesOf(scope: Scope, pod: PodTemplate): string[] {
  const ofPooler = filesOf(scope, pod).flatMap(({ text }) => {
    const [, section] = /^\[databases\]\n([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(text) ?? [];
    return [...(section ?? '').matchAll(/^([\w-]+)\s*=.*$/gm)].map(
      ([line, name]) => /\bdbname=([\w-]+)/.exec(line)?.[1] ?? name!,
    );
  });
  return ofPooler;
}

/** Pages that programs answer by themselves. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'oauth2-proxy': ['/ping', '/ready'],
  cloudflared: ['/ready', '/healthcheck', '/metrics'],
};

/** The page of a program that fails while what it needs is away. */
const READY: Readonly<Record<string, string>> = { 'oauth2-proxy': '/ready', cloudflared: '/ready' };

function pagesOfNginx(scope: Scope, pod: PodTemplate): string[] {
  return filesOf(scope, pod).flatMap(({ text }) =>
    [...text.matchAll(/^\s*location\s+=\s+(\S+)\s*\{/gm)].map(([, path]) => path!),
  );
}

function allowedHosts(env: ContainerSpec['env']): string[] | undefined {
  const value = asList(env).find(({ name }) => name === 'ALLOWED_HOSTS')?.value;
  return typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : undefined;
}
