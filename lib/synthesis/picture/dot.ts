import type { Architecture, Call, Workload } from './architecture';

const FONT = 'Helvetica,Arial,sans-serif';
/** Fill and line by what a box is; each pair keeps a contrast of 7:1 with black text. */
const COLOURS = {
  Deployment: ['#dbeafe', '#1d4ed8'],
  StatefulSet: ['#dcfce7', '#15803d'],
  task: ['#f3e8ff', '#7e22ce'],
  outsider: ['#f1f5f9', '#64748b'],
  volume: ['#fef3c7', '#b45309'],
} as const;
const ZONE = '#94a3b8';
const ZONE_TEXT = '#334155';
const LINE = '#475569';
const WAY_IN = '#b91c1c';

/** What each colour becomes for readers whose system is dark. */
export const DARK: Readonly<Record<string, string>> = {
  white: 'none',
  black: '#e2e8f0',
  none: 'none',
  transparent: 'none',
  ...{ '#dbeafe': '#1e3a5f', '#1d4ed8': '#60a5fa', '#dcfce7': '#14432a', '#15803d': '#4ade80' },
  ...{ '#f3e8ff': '#3b1f5b', '#7e22ce': '#c084fc', '#f1f5f9': '#1e293b', '#64748b': '#94a3b8' },
  ...{ '#fef3c7': '#4a3410', '#b45309': '#fbbf24', [ZONE]: '#64748b', [ZONE_TEXT]: '#cbd5e1' },
  ...{ [LINE]: '#94a3b8', [WAY_IN]: '#f87171' },
};

/**
 * The picture in the language of Graphviz: from the people at the top to the disks at the bottom, so that it is read on a narrow
 * screen too. Ports and hosts stand in the boxes that answer there, so that no line crosses a text.
 */
export function toDot(architecture: Architecture): string {
  const { workloads, outsiders, calls, volumes } = architecture;
  const world = outsiders.filter((name) => !calls.some(({ from }) => from === name));
  const neighbours = outsiders.filter((name) => !world.includes(name));
  return [
    'digraph architecture {',
    `  graph [rankdir=TB, newrank=true, bgcolor="white", fontname="${FONT}", fontsize=14, nodesep=0.15, ranksep=0.45, pad=0.15]`,
    `  node [shape=box, style="rounded,filled", fontname="${FONT}", fontsize=13, margin="0.2,0.05", penwidth=1.2]`,
    `  edge [color="${LINE}", arrowsize=0.7]`,
    ...zone('internet', 'internet', 'labelloc=t; labeljust=r', [
      node('people', ['people'], 'outsider', 'shape=oval'),
      ...world.map((name) => node(name, [name, ...portsOf(name, calls)], 'outsider')),
    ]),
    ...zone('neighbours', 'not rendered here', 'labelloc=b; labeljust=r', [
      ...neighbours.map((name) => node(name, [name, ...portsOf(name, calls)], 'outsider')),
    ]),
    ...zone('platform', 'rendered by this repository', 'labelloc=b; labeljust=l', [
      ...workloads.map((workload) => node(workload.name, linesOf(workload, architecture), kindOf(workload))),
    ]),
    ...groupByNode(architecture),
    ...waysIn(architecture, world),
    ...calls.map((call) => edge(call, architecture, world)),
    ...volumes.flatMap(({ name, mountedBy }) =>
      mountedBy.map(
        (workload) =>
          `  ${quote(workload)} -> ${quote(`volume ${name}`)} [arrowhead=none, style=bold, color="${COLOURS.volume[1]}"]`,
      ),
    ),
    '}',
    '',
  ].join('\n');
}

/**
 * People come through what a workload of ours keeps open to the outside (a tunnel, dialled from inside) and which calls the
 * ingress controller; without one they come to the controller itself.
 */
function waysIn({ calls, workloads }: Architecture, world: readonly string[]): string[] {
  const controllers = new Set(calls.filter(({ hosts }) => hosts.length > 0).map(({ from }) => from));
  const style = `color="${WAY_IN}", style=bold, constraint=true`;
  return [...controllers].flatMap((controller) => {
    const clients = workloads.filter(({ name }) => calls.some(({ from, to }) => from === name && to === controller));
    const tunnels = clients.flatMap(({ name }) =>
      calls
        // Every caller of names calls a name server; that is no way in.
        .filter(
          ({ from, to, ports }) => from === name && world.includes(to) && !ports.every((port) => /^53\//.test(port)),
        )
        .map(({ to }) => ({ client: name, edge: to })),
    );
    if (tunnels.length === 0) return [`  "people" -> ${quote(controller)} [${style}]`];
    return tunnels.flatMap(({ client, edge }) => [
      `  "people" -> ${quote(edge)} [${style}]`,
      `  ${quote(edge)} -> ${quote(client)} [${style}, dir=both, arrowtail=odot, tooltip="a tunnel, opened from inside"]`,
    ]);
  });
}

function linesOf({ name, kind, size }: Workload, { calls, signedIn }: Architecture): string[] {
  const hosts = [...new Set(calls.filter(({ to }) => to === name).flatMap((call) => call.hosts))];
  return [
    name,
    `${kind}, ${size}`,
    ...portsOf(name, calls),
    ...hosts.map((host) => `${host}: ${signedIn.includes(`${name} ${host}`) ? 'signed in' : 'open'}`),
  ];
}

/** The ports at which a box is called, in one line. */
function portsOf(name: string, calls: readonly Call[]): string[] {
  const ports = [...new Set(calls.filter(({ to }) => to === name).flatMap((call) => call.ports))];
  const numbers = [...new Set(ports.map((port) => port.split('/')[0]!))];
  const said = numbers.map((number) => {
    const protocols = ports.filter((port) => port.startsWith(`${number}/`)).map((port) => port.split('/')[1]!);
    return `${number} ${protocols.join(', ')}`;
  });
  return said.length > 0 ? [said.join('; ')] : [];
}

/** Calls out of the platform are drawn lighter, and do not pull the boxes about. Tasks stand below what they work on. */
function edge({ from, to }: Call, { workloads }: Architecture, world: readonly string[]): string {
  if (world.includes(to)) return `  ${quote(from)} -> ${quote(to)} [color="${ZONE}", constraint=false]`;
  const caller = workloads.find(({ name }) => name === from);
  if (caller && kindOf(caller) === 'task') return `  ${quote(to)} -> ${quote(from)} [dir=back]`;
  return `  ${quote(from)} -> ${quote(to)}`;
}

/** `place` says where the title is, out of the way of lines. */
function zone(id: string, title: string, place: string, content: readonly string[]): string[] {
  if (content.length === 0) return [];
  return [
    `  subgraph cluster_${id} {`,
    `    label=${quote(`\u00a0\u00a0${title}\u00a0\u00a0`)}; ${place}; margin=8; style="rounded"; color="${ZONE}"; fontcolor="${ZONE_TEXT}"`,
    ...content.map((line) => `  ${line}`),
    '  }',
  ];
}

function groupByNode({ volumes }: Architecture): string[] {
  const nodes = [...new Set(volumes.map((volume) => volume.node))].sort();
  return nodes.flatMap((name) => [
    `  subgraph ${quote(`cluster_${name}`)} {`,
    `    label=${quote(`node ${name}`)}; labelloc=b; style="rounded,dashed"; color="${COLOURS.volume[1]}"; fontcolor="${ZONE_TEXT}"`,
    ...volumes
      .filter((volume) => volume.node === name)
      .map(
        (volume) =>
          `  ${node(`volume ${volume.name}`, [volume.name, `volume, ${volume.size}`], 'volume', 'shape=cylinder')}`,
      ),
    '  }',
  ]);
}

function kindOf({ kind }: Workload): keyof typeof COLOURS {
  return kind === 'StatefulSet' ? 'StatefulSet' : kind === 'Job' || kind === 'CronJob' ? 'task' : 'Deployment';
}

function node(id: string, lines: readonly string[], kind: keyof typeof COLOURS, extra = ''): string {
  const [fill, line] = COLOURS[kind];
  return `  ${quote(id)} [label=${quote(lines.join('\n'))}, fillcolor="${fill}", color="${line}"${extra && `, ${extra}`}]`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
