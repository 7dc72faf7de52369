import { box, COLOURS, GRAPH, legend, quote, WAY_IN, zone, ZONES, type Colour } from '../../console/diagram';
import type { Architecture, DrawnCall, DrawnWorkload } from './architecture';

/**
 * The picture in Graphviz' language, top-down in zones of trust. Ports and hosts stand in the boxes that answer there, calls
 * to the internet in those that make them: the picture stays narrow and no line crosses a text.
 */
export function toDot(architecture: Architecture): string {
  const { workloads, outsiders, calls, volumes } = architecture;
  const world = outsiders.filter((name) => !calls.some(({ from }) => from === name));
  const neighbours = outsiders.filter((name) => !world.includes(name));
  const ways = waysIn(architecture, world);
  const edges = [...new Set(ways.map(({ edge }) => edge))].filter((edge) => edge !== undefined);
  const public_ = workloads.filter((workload) => hostsOf(workload, calls).length > 0);
  const tunnels = workloads.filter(({ name }) => ways.some(({ client }) => client === name));
  const inner = workloads.filter(
    (workload) => ![...public_, ...tunnels].includes(workload) && kindOf(workload) !== 'violet',
  );
  const tasks = workloads.filter((workload) => kindOf(workload) === 'violet');
  const draw = (workload: DrawnWorkload) =>
    box(workload.name, linesOf(workload, architecture, world), kindOf(workload));
  return [
    'digraph architecture {',
    ...GRAPH,
    ...zone('internet', 'untrusted', [
      box('people', ['people'], 'grey', 'shape=oval'),
      ...edges.map((name) => box(name, [name], 'grey')),
    ]),
    ...neighbours.map((name) => box(name, [name, 'not rendered here', ...portsOf(name, calls)], 'grey')),
    ...tunnels.map(draw),
    ...zone('public', 'public', public_.map(draw)),
    ...zone('inner', 'inside', inner.map(draw)),
    ...zone('tasks', 'apart', tasks.map(draw)),
    ...groupByNode(architecture),
    ...ways.flatMap(({ controller, edge, client }) => wayIn(controller, edge, client)),
    ...calls.filter(({ to }) => !world.includes(to)).map((call) => edge(call, architecture)),
    ...volumes.flatMap(({ name, mountedBy }) =>
      mountedBy.map(
        (workload) =>
          `  ${quote(workload)} -> ${quote(`volume ${name}`)} [arrowhead=none, style=bold, color="${COLOURS.amber[1]}"]`,
      ),
    ),
    ...legend(
      [
        [ZONES.untrusted, 'internet: nobody is trusted'],
        [ZONES.public, 'answers requests from outside'],
        [ZONES.inside, 'called from inside alone'],
        [ZONES.apart, 'tasks: nobody calls them'],
      ],
      volumes.length > 0 ? volumes.map(({ name }) => `volume ${name}`) : workloads.map(({ name }) => name),
    ),
    '}',
    '',
  ].join('\n');
}

interface WayIn {
  readonly controller: string;
  /** What keeps the tunnel's outer end, and who dialled it from inside; absent where people come to the controller itself. */
  readonly edge?: string;
  readonly client?: string;
}

/**
 * People come through what a workload of ours keeps open to the outside (a tunnel, dialled from inside) and which calls the
 * ingress controller; without one they come to the controller itself.
 */
function waysIn({ calls, workloads }: Architecture, world: readonly string[]): WayIn[] {
  const controllers = new Set(calls.filter(({ hosts }) => hosts.length > 0).map(({ from }) => from));
  return [...controllers].flatMap((controller) => {
    const clients = workloads.filter(({ name }) => calls.some(({ from, to }) => from === name && to === controller));
    const tunnels = clients.flatMap(({ name }) =>
      calls
        // Every caller of names calls a name server; that is no way in.
        .filter(({ from, to, ports }) => from === name && world.includes(to) && !isNames(ports))
        .map(({ to }): WayIn => ({ controller, client: name, edge: to })),
    );
    return tunnels.length > 0 ? tunnels : [{ controller }];
  });
}

const isNames = (ports: readonly string[]) => ports.every((port) => /^53\//.test(port));

function wayIn(controller: string, edge?: string, client?: string): string[] {
  const style = `color="${WAY_IN}", style=bold`;
  if (edge === undefined || client === undefined) return [`  "people" -> ${quote(controller)} [${style}]`];
  return [
    `  "people" -> ${quote(edge)} [${style}]`,
    `  ${quote(edge)} -> ${quote(client)} [${style}, dir=both, arrowtail=odot, tooltip="a tunnel, opened from inside"]`,
  ];
}

function hostsOf({ name }: DrawnWorkload, calls: readonly DrawnCall[]): string[] {
  return [...new Set(calls.filter(({ to }) => to === name).flatMap((call) => call.hosts))];
}

function linesOf(workload: DrawnWorkload, { calls, signedIn }: Architecture, world: readonly string[]): string[] {
  const { name, kind, size } = workload;
  const outside = calls.filter(({ from, to, ports }) => from === name && world.includes(to) && !isNames(ports));
  const hostLines = (title: string, isWanted: (host: string) => boolean) => {
    const hosts = hostsOf(workload, calls).filter(isWanted);
    return hosts.length > 0 ? [title, ...hosts] : [];
  };
  return [
    name,
    kind,
    size,
    ...portsOf(name, calls),
    ...hostLines('signed in only:', (host) => signedIn.includes(`${name} ${host}`)),
    ...hostLines('open:', (host) => !signedIn.includes(`${name} ${host}`)),
    ...outside.map(({ to }) => `→ ${to}`),
  ];
}

/** The ports at which a box is called, in one line. */
function portsOf(name: string, calls: readonly DrawnCall[]): string[] {
  const ports = [...new Set(calls.filter(({ to }) => to === name).flatMap((call) => call.ports))];
  const numbers = [...new Set(ports.map((port) => port.split('/')[0]!))];
  const said = numbers.map((number) => {
    const protocols = ports.filter((port) => port.startsWith(`${number}/`)).map((port) => port.split('/')[1]!);
    return `${number} ${protocols.join(', ')}`;
  });
  return said.length > 0 ? [said.join('; ')] : [];
}

/** Tasks stand below what they work on. */
function edge({ from, to }: DrawnCall, { workloads }: Architecture): string {
  const caller = workloads.find(({ name }) => name === from);
  if (caller && kindOf(caller) === 'violet') return `  ${quote(to)} -> ${quote(from)} [dir=back]`;
  return `  ${quote(from)} -> ${quote(to)}`;
}

function groupByNode({ volumes }: Architecture): string[] {
  const nodes = [...new Set(volumes.map((volume) => volume.node))].sort();
  return nodes.flatMap((name) => [
    `  subgraph ${quote(`cluster_${name}`)} {`,
    `    label=${quote(`node ${name}`)}; labelloc=b; style="rounded,dashed"; color="${COLOURS.amber[1]}"`,
    ...volumes
      .filter((volume) => volume.node === name)
      .map(
        (volume) =>
          `  ${box(`volume ${volume.name}`, [volume.name, `volume, ${volume.size}`], 'amber', 'shape=cylinder')}`,
      ),
    '  }',
  ]);
}

function kindOf({ kind }: DrawnWorkload): Colour {
  return kind === 'StatefulSet' ? 'green' : kind === 'Job' || kind === 'CronJob' ? 'violet' : 'blue';
}
