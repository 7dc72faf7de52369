import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { box, COLOURS, drawGraph, GRAPH, legend, markup, quote, zone, ZONES } from '../lib/console/diagram';
import { reportFailure } from '../lib/console/failure';

/** A host as the inventory describes it. */
interface InventoryHost {
  readonly name: string;
  readonly group: string;
  readonly address: string;
  readonly mac: string;
  readonly wifi: boolean;
}

const ROLES: Readonly<Record<string, { colour: 'amber' | 'blue' | 'green'; lines: readonly string[] }>> = {
  gateway: { colour: 'amber', lines: ['DHCP, DNS, time', 'image mirror', 'package cache', 'load generator'] },
  server: { colour: 'blue', lines: ['K3s server', 'end of the tunnel'] },
  agent: { colour: 'green', lines: ['K3s agent'] },
};

/** The hosts of an inventory file's text, in its order. */
export function inventoryHosts(text: string): InventoryHost[] {
  const { all } = parse(text);
  return ['gateway', 'server', 'agent'].flatMap((group) =>
    Object.entries<Record<string, unknown> | null>(all.children[group].hosts).map(([name, host]) => ({
      name,
      group,
      address: String(host?.['ansible_host']),
      mac: String(host?.['mac']),
      wifi: Boolean(host?.['wifi'] ?? all.vars.wifi),
    })),
  );
}

/**
 * The network of an inventory as an SVG: who is on the switch, who has a way out, and where trust ends. Hosts with Wi-Fi
 * have a box each, the first two of them; all others are rows of a table, so that the picture stays narrow however many there are.
 */
export function networkPicture(text: string): Promise<string> {
  const hosts = inventoryHosts(text);
  const network = String(parse(text).all.vars.cluster_network);
  const outside = hosts.filter(({ wifi }) => wifi);
  const inside = hosts.filter(({ wifi }) => !wifi);
  // Beyond two in a row the picture would be too wide to be read on a narrow screen.
  const [shown, others] = [outside.slice(0, 2), outside.slice(2)];
  const uplinks = [...shown.map(({ name }) => name), ...(others.length > 0 ? ['others'] : [])];
  const dot = [
    'digraph network {',
    ...GRAPH,
    ...zone('internet', 'untrusted', [
      box('services', ['VPN to ingress', 'tunnel, dialled from control', 'registries, Debian, time'], 'grey'),
    ]),
    box('router', ['4G router', 'no port is open to the internet'], 'grey'),
    ...zone('uplink', 'public', [...shown.map(hostBox), ...(others.length > 0 ? [tableOf('others', others)] : [])]),
    ...zone('lan', 'inside', [
      box('switch', [`switch, ${hosts.length} ports`, `LAN ${network}`], 'grey'),
      ...(inside.length > 0 ? [tableOf('inside', inside)] : []),
    ]),
    '  "services" -> "router" [dir=none]',
    ...uplinks.map((name) => `  "router" -> ${quote(name)} [dir=none, style=dashed, tooltip="Wi-Fi"]`),
    ...uplinks.map((name) => `  ${quote(name)} -> "switch" [dir=none, penwidth=2, tooltip="cable"]`),
    ...(others.length > 0 ? shown.map(({ name }) => `  ${quote(name)} -> "others" [style=invis]`) : []),
    ...(outside.length === 0 ? ['  "router" -> "switch" [style=invis]'] : []),
    ...(inside.length > 0 ? ['  "switch" -> "inside" [dir=none, penwidth=2, tooltip="a cable each"]'] : []),
    ...legend(
      [
        [ZONES.untrusted, 'internet: nothing is trusted'],
        [ZONES.public, 'Wi-Fi (dashed) and cable; nothing is forwarded'],
        [ZONES.inside, 'cable alone: no way to the internet'],
      ],
      [inside.length > 0 ? 'inside' : 'switch'],
    ),
    '}',
    '',
  ].join('\n');
  return drawGraph(dot, 'Network of the cluster, drawn from ansible/inventory/hosts.yml');
}

function hostBox({ name, group, address, mac }: InventoryHost): string {
  const { colour, lines } = ROLES[group]!;
  return box(name, [name, address, mac, ...lines], colour);
}

function tableOf(id: string, hosts: readonly InventoryHost[]): string {
  const rows = hosts.map(({ name, group, address, mac }) => {
    const [fill] = COLOURS[ROLES[group]!.colour];
    const cells = [name, address, mac].map((cell) => `<TD ALIGN="LEFT" BGCOLOR="${fill}">${markup(cell)}</TD>`);
    return `<TR>${cells.join('')}</TR>`;
  });
  const [, line] = COLOURS.green;
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="5" COLOR="${line}">${rows.join('')}</TABLE>`;
  return `  ${quote(id)} [shape=plain, style="", label=<${table}>]`;
}

/** Where the inventory is and where the picture goes. */
export const files = {
  inventory: join(__dirname, 'inventory', 'hosts.yml'),
  picture: join(__dirname, '..', 'docs', 'generated', 'network.svg'),
};

if (require.main === module)
  networkPicture(readFileSync(files.inventory, 'utf8')).then(
    (picture) => writeFileSync(files.picture, picture),
    (error: unknown) => reportFailure(error),
  );
