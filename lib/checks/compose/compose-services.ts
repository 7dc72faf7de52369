import { IPv4 } from 'ipaddr.js';
import type { PlainFile } from '../../constructs/platform-model';
import { parseImage } from '../../kubernetes/image';
import type { RenderedFile } from '../../kubernetes/object';
import type { Finding } from '../finding';
import { isComposeFile, parsedCompose } from './compose-file';
import { isPlaced } from '../objects/kinds';
import { asList, podTemplateOf } from '../objects/pod-template';

/** For the page of rules, since these findings are of no object. */
export const composeServiceRule = {
  id: 'one-machine-runs-the-same',
  why: 'A service that Docker refuses, restarts for ever or never calls healthy is found when the benchmark is due, and one that is held back measures another stack.',
  remedy: 'leave it as lib/constructs/compose makes it of the pod',
};

interface ComposeSecret {
  readonly source?: unknown;
  readonly gid?: unknown;
  readonly mode?: unknown;
}

interface Service {
  readonly image?: unknown;
  readonly user?: unknown;
  readonly restart?: unknown;
  readonly profiles?: readonly unknown[];
  readonly ports?: readonly unknown[];
  readonly read_only?: unknown;
  readonly configs?: readonly unknown[];
  readonly secrets?: readonly ComposeSecret[];
  readonly tmpfs?: readonly unknown[];
  readonly shm_size?: unknown;
  readonly stop_grace_period?: unknown;
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition?: unknown }>>;
}

interface ComposeFile {
  readonly services?: Readonly<Record<string, Service>>;
  readonly configs?: Readonly<Record<string, { readonly content?: unknown }>>;
  readonly networks?: Readonly<
    Record<string, { internal?: unknown; ipam?: { config?: readonly { subnet?: unknown }[] } }>
  >;
  readonly volumes?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

/** What the cluster says of a service's pod. */
interface Counterpart {
  readonly ports: readonly number[];
  readonly isPublic: boolean;
}

interface Problem {
  readonly field: string;
  readonly message: string;
}

/** What keeps services of a Compose file from running as their pods do. */
export function composeServiceFindings(files: readonly PlainFile[], rendered: readonly RenderedFile[]): Finding[] {
  return files.filter(isComposeFile).flatMap((plain) => {
    const { path, content } = plain;
    const file = parsedCompose(plain) as ComposeFile;
    const finding = (component: string) => (problem: Problem) => ({
      rule: composeServiceRule.id,
      component,
      file: path,
      ...problem,
      remedy: composeServiceRule.remedy,
    });
    const { services = {} } = file;
    const pods = counterparts(rendered, services);
    return [
      ...[...fileProblems(file), ...variableProblems(content)].map(finding('compose')),
      ...Object.entries(services).flatMap(([name, service]) =>
        [...serviceProblems(service, services), ...portProblems(service, pods.get(name))]
          .map(({ field, message }) => ({ field: `services.${name}.${field}`, message }))
          .map(finding(name)),
      ),
    ];
  });
}

function counterparts(rendered: readonly RenderedFile[], services: object): ReadonlyMap<string, Counterpart> {
  const placed = rendered.flatMap((file) =>
    file.objects
      .filter(({ kind, metadata }) => kind === 'Ingress' || metadata.name in services)
      .map((object) => ({ object, file, namespace: '', label: object.metadata.name })),
  );
  const backends = new Set(
    placed.flatMap((at) =>
      isPlaced(at, 'Ingress')
        ? asList(at.object.spec?.rules).flatMap(({ http }) =>
            asList(http?.paths).map(({ backend }) => backend?.service?.name),
          )
        : [],
    ),
  );
  return new Map(
    placed.flatMap((at) => {
      const { name } = at.object.metadata;
      const ports = podTemplateOf(at)?.containers.flatMap(({ spec }) =>
        asList(spec.ports).map(({ containerPort }) => Number(containerPort)),
      );
      return ports && ports.length > 0 ? [[name, { ports, isPublic: backends.has(name) }] as const] : [];
    }),
  );
}

const RESTARTS = ['no', 'always', 'on-failure', 'unless-stopped'];
/** Docker's form of a duration and of an amount: https://docs.docker.com/reference/compose-file/extension/#specifying-durations */
const DURATION = /^(\d+(us|ms|s|m|h))+$/;
const AMOUNT = /^\d+[bkmg]?$/;

function* serviceProblems(service: Service, services: Readonly<Record<string, Service>>): Iterable<Problem> {
  const { image, user, restart = 'no', profiles = [], healthcheck, secrets = [] } = service;
  const parsed = parseImage(String(image ?? ''));
  if (parsed?.tag === undefined && parsed?.digest === undefined)
    yield { field: 'image', message: `${String(image)} names no version, and any may run` };
  const [uid = '', gid = ''] = String(user ?? '').split(':');
  if (!/^[1-9]\d*$/.test(uid) || !/^[1-9]\d*$/.test(gid))
    yield {
      field: 'user',
      message: `it runs as ${user === undefined ? 'whoever its image says, root perhaps' : String(user)}`,
    };
  if (!RESTARTS.includes(String(restart)))
    yield { field: 'restart', message: `"${String(restart)}" is none of ${RESTARTS.join(', ')}` };
  else if (restart === 'no' && profiles.length === 0)
    yield { field: 'restart', message: 'it stays away after a restart of the machine, or once it has failed' };
  for (const field of ['cpus', 'cpu_quota', 'mem_limit', 'deploy'])
    if (field in service)
      yield { field, message: 'it is held back by a limit that the machine of the benchmark is not meant to set' };
  for (const field of ['pid', 'ipc', 'userns_mode'])
    if (field in service) yield { field, message: 'it shares what is the machine’s own' };
  if ((service.configs?.length ?? 0) + secrets.length === 0 && service.read_only !== true)
    yield { field: 'read_only', message: 'its root file system can be written to' };
  if (service.shm_size !== undefined && !AMOUNT.test(String(service.shm_size)))
    yield { field: 'shm_size', message: `"${String(service.shm_size)}" is no amount of Docker, such as 64m` };
  if (!DURATION.test(String(service.stop_grace_period ?? '')))
    yield { field: 'stop_grace_period', message: `"${String(service.stop_grace_period)}" is no duration, such as 30s` };
  yield* folderProblems(service, gid);
  if (healthcheck) yield* healthProblems(healthcheck, parsed?.repository ?? '');
  for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
    const wanted = services[name]?.healthcheck ? 'service_healthy' : 'service_started';
    if (condition !== wanted)
      yield {
        field: `depends_on.${name}.condition`,
        message: `it begins at ${String(condition)}, and ${name} serves at ${wanted}`,
      };
  }
}

/** Who may read the keys of a service, and write to its folders. */
function* folderProblems({ user, secrets = [], tmpfs = [] }: Service, gid: string): Iterable<Problem> {
  const [uid = ''] = String(user ?? '').split(':');
  for (const [index, { source, gid: group, mode }] of secrets.entries()) {
    const field = `secrets[${index}]`;
    if (typeof mode !== 'number' || (mode & 0o337) !== 0)
      yield {
        field: `${field}.mode`,
        message: `${String(source)} may be read by others than the group of the service`,
      };
    else if ((mode & 0o040) === 0 || String(group) !== gid)
      yield {
        field: `${field}.gid`,
        message: `${String(source)} cannot be read by the group ${gid}, as which the service runs`,
      };
  }
  for (const [index, text] of tmpfs.entries()) {
    const options = new Set(
      String(text)
        .replace(/^[^:]*:?/, '')
        .split(','),
    );
    if (!options.has(`uid=${uid}`) || !options.has(`gid=${gid}`))
      yield {
        field: `tmpfs[${index}]`,
        message: `${String(text)} belongs to root, and the service runs as ${String(user)}`,
      };
    const size = [...options].find((option) => option.startsWith('size='))?.slice(5);
    if (size === undefined || !AMOUNT.test(size))
      yield { field: `tmpfs[${index}]`, message: `${String(text)} has no size that Docker reads, such as 64m` };
  }
}

/** What images have no program for: PgBouncer's is built on Alpine, without Python. */
const LACKING: Readonly<Record<string, readonly string[]>> = { 'edoburu/pgbouncer': ['python', 'bash', 'curl'] };

function* healthProblems(check: Readonly<Record<string, unknown>>, repository: string): Iterable<Problem> {
  for (const field of ['interval', 'timeout', 'start_period', 'start_interval'])
    if (check[field] !== undefined && !DURATION.test(String(check[field])))
      yield { field: `healthcheck.${field}`, message: `"${String(check[field])}" is no duration, such as 10s` };
  if (typeof check['retries'] !== 'number')
    yield {
      field: 'healthcheck.retries',
      message: 'it is not said after how many failures the service counts as unhealthy',
    };
  const [how, ...words] = Array.isArray(check['test']) ? check['test'].map(String) : [];
  if (how !== 'CMD' && !(how === 'CMD-SHELL' && words.length === 1))
    yield { field: 'healthcheck.test', message: `${how ?? 'nothing'} runs no list of words; write CMD before them` };
  const program = words[0] ?? '';
  if (LACKING[repository]?.includes(program))
    yield { field: 'healthcheck.test', message: `the image ${repository} has no ${program}` };
}

function* portProblems({ ports = [], healthcheck }: Service, pod: Counterpart | undefined): Iterable<Problem> {
  if (!pod) return;
  for (const [index, text] of ports.entries()) {
    const field = `ports[${index}]`;
    const [, outer, inner] = /^(\d+):(\d+)$/.exec(String(text)) ?? [];
    if (outer === undefined)
      yield {
        field,
        message: `${String(text)} opens no port of the machine that is known beforehand; write it as in 8000:8000`,
      };
    else if (!pod.ports.includes(Number(inner)))
      yield { field, message: `nothing listens on ${inner}; the service has ${pod.ports.join(', ')}` };
    if (!pod.isPublic) yield { field, message: `${String(text)} opens what no Ingress of the cluster leads to` };
  }
  const test = Array.isArray(healthcheck?.['test']) ? healthcheck['test'].join(' ') : '';
  for (const [, port] of test.matchAll(/\b127\.0\.0\.1(?:", |[: ])(\d+)/g))
    if (!pod.ports.includes(Number(port)))
      yield {
        field: 'healthcheck.test',
        message: `nothing listens on ${port}; the service has ${pod.ports.join(', ')}`,
      };
}

/** Docker's own bridge, which every machine with Docker has. */
const DOCKER_BRIDGE = '172.17.0.0/16';

function* fileProblems({ services = {}, configs = {}, networks = {}, volumes = {} }: ComposeFile): Iterable<Problem> {
  for (const [name, { internal, ipam }] of Object.entries(networks)) {
    if (internal === true) yield { field: `networks.${name}.internal`, message: 'no published port leads into it' };
    for (const [index, { subnet }] of asList(ipam?.config).entries()) {
      const field = `networks.${name}.ipam.config[${index}].subnet`;
      if (typeof subnet !== 'string' || !IPv4.isValidCIDR(subnet)) continue;
      const [address, bits] = IPv4.parseCIDR(subnet);
      const [bridge, bridgeBits] = IPv4.parseCIDR(DOCKER_BRIDGE);
      if (address.match(bridge, Math.min(bits, bridgeBits)))
        yield { field, message: `${subnet} overlaps ${DOCKER_BRIDGE}, which is Docker's own bridge` };
      // The network's own address, the last one and the gateway are nobody's.
      if (2 ** (32 - bits) - 3 < Object.keys(services).length)
        yield { field, message: `${subnet} has no address for each of ${Object.keys(services).length} services` };
      for (const [config, { content }] of Object.entries(configs))
        if (/^host(ssl)?\s/m.test(String(content)) && !admits(String(content), subnet))
          yield { field: `configs.${config}.content`, message: `no line lets clients of ${subnet} in` };
    }
  }
  for (const [name, settings] of Object.entries(volumes))
    if (Object.keys(settings ?? {}).length > 0)
      yield {
        field: `volumes.${name}`,
        message: `Docker is to find it (${Object.keys(settings!).join(', ')}), and nothing makes it`,
      };
}

/** Whether a list of access of Postgres admits a network. */
function admits(content: string, subnet: string): boolean {
  const [address, bits] = IPv4.parseCIDR(subnet);
  return content.split('\n').some((line) => {
    const [type = '', , , block = '', method = ''] = line.trim().split(/\s+/);
    if (!type.startsWith('host') || method === 'reject' || !IPv4.isValidCIDR(block)) return false;
    const [outer, outerBits] = IPv4.parseCIDR(block);
    return outerBits <= bits && address.match(outer, outerBits);
  });
}

/** Compose takes an empty text, or a default that everybody can read, where a variable is not set. */
function* variableProblems(content: string): Iterable<Problem> {
  for (const [text, name = ''] of content.matchAll(/(?<!\$)\$\{(\w+)(?::?-[^}]*)?\}/g))
    yield { field: name, message: `${text} does without the variable where it is not set; write \${${name}:?…}` };
}
