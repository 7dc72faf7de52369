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

/** The picture in the language of Graphviz. */
export function toDot(architecture: Architecture): string {
  const { workloads, outsiders, calls, volumes } = architecture;
  const ends = outsiders.filter((name) => !calls.some(({ from }) => from === name));
  return [
    'digraph architecture {',
    `  graph [rankdir=LR, bgcolor="white", fontname="${FONT}", fontsize=13, nodesep=0.3, ranksep=0.8, pad=0.3]`,
    `  node [shape=box, style="rounded,filled", fontname="${FONT}", fontsize=12, margin="0.3,0.1", penwidth=1.2]`,
    `  edge [fontname="${FONT}", fontsize=10, color="#475569", fontcolor="#334155", arrowsize=0.8]`,
    ...outsiders.map((name) => node(name, [name, 'not rendered here'], 'outsider')),
    '  subgraph cluster_platform {',
    '    label="\u00a0\u00a0rendered by this repository"; labeljust=l; margin=14; style="rounded"; color="#94a3b8"; fontcolor="#334155"',
    ...workloads.map(
      (workload) => `  ${node(workload.name, [workload.name, `${workload.kind}, ${workload.size}`], kindOf(workload))}`,
    ),
    '  }',
    ...groupByNode(architecture),
    ...entryPoints(calls),
    ...calls.map(
      (call) => `  ${quote(call.from)} -> ${quote(call.to)} [label=${quote(labelOf(call))}${styleOf(call, ends)}]`,
    ),
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

/** Requests to the public hosts enter at the box from which calls with hosts leave: the ingress controller. */
function entryPoints(calls: readonly Call[]): string[] {
  const controllers = [...new Set(calls.filter(({ hosts }) => hosts.length > 0).map(({ from }) => from))];
  return controllers.flatMap((controller) => {
    const hosts = [...new Set(calls.filter(({ from }) => from === controller).flatMap((call) => call.hosts))].sort();
    return [
      node(`entry ${controller}`, ['public hosts', ...hosts], 'outsider', 'shape=box, style="rounded,filled,dashed"'),
      `  ${quote(`entry ${controller}`)} -> ${quote(controller)} [style=dashed]`,
    ];
  });
}

function labelOf({ ports, hosts }: Call): string {
  const numbers = [...new Set(ports.map((port) => port.split('/')[0]!))];
  const ofNumber = (number: string) =>
    ports.filter((port) => port.startsWith(`${number}/`)).map((port) => port.split('/')[1]!);
  return [...hosts, ...numbers.map((number) => `${number} ${ofNumber(number).join(', ')}`)].join('\n');
}

/** Calls out of the platform are drawn lighter, and do not pull the boxes about. */
function styleOf({ to }: Call, ends: readonly string[]): string {
  return ends.includes(to) ? ', color="#94a3b8", fontcolor="#64748b", weight=0' : '';
}

function groupByNode({ volumes }: Architecture): string[] {
  const nodes = [...new Set(volumes.map((volume) => volume.node))].sort();
  return nodes.flatMap((name) => [
    `  subgraph ${quote(`cluster_${name}`)} {`,
    `    label=${quote(`\u00a0\u00a0node ${name}`)}; labeljust=l; style="rounded,dashed"; color="${COLOURS.volume[1]}"; fontcolor="#334155"`,
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
