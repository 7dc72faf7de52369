import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInventory } from '../facts/inventory';
import { box, COLOURS, drawGraph, GRAPH, legend, markup, quote, zone, ZONES } from '../lib/console/diagram';
import type { Host, Inventory } from '../lib/kubernetes/inventory';
import { reportFailure } from '../lib/console/failure';

const ROLES: Readonly<Record<Host['role'], { colour: 'amber' | 'blue' | 'green'; lines: readonly string[] }>> = {
  gateway: { colour: 'amber', lines: ['DHCP, DNS, time', 'image mirror', 'package cache', 'load generator'] },
  server: { colour: 'blue', lines: ['K3s server', 'end of the tunnel'] },
  agent: { colour: 'green', lines: ['K3s agent'] },
};

/**
 * The network of an inventory as an SVG: who is on the switch, who has a way out, and where trust ends. Hosts with Wi-Fi
 * have a box each, the first two of them; all others are rows of a table, so that the picture stays narrow however many there are.
 */
export function networkPicture(inventory: Inventory): Promise<string> {
  const { hosts, network = 'of the hosts' } = inventory;
  const outside = hosts.filter(({ hasUplink }) => hasUplink);
  const inside = hosts.filter(({ hasUplink }) => !hasUplink);
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

function hostBox({ name, role, address, mac = '' }: Host): string {
  const { colour, lines } = ROLES[role];
  return box(name, [name, address, mac, ...lines], colour);
}

function tableOf(id: string, hosts: readonly Host[]): string {
  const rows = hosts.map(({ name, role, address, mac = '' }) => {
    const [fill] = COLOURS[ROLES[role].colour];
    const cells = [name, address, mac].map((cell) => `<TD ALIGN="LEFT" BGCOLOR="${fill}">${markup(cell)}</TD>`);
    return `<TR>${cells.join('')}</TR>`;
  });
  const [, line] = COLOURS.green;
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="5" COLOR="${line}">${rows.join('')}</TABLE>`;
  return `  ${quote(id)} [shape=plain, style="", label=<${table}>]`;
}

/** Where the inventory is and where the picture goes. */
export const pictureFiles = {
  inventory: join(__dirname, 'inventory', 'hosts.yml'),
  picture: join(__dirname, '..', 'docs', 'generated', 'network.svg'),
};

if (require.main === module)
  networkPicture(readInventory(pictureFiles.inventory)).then(
    (picture) => writeFileSync(pictureFiles.picture, picture),
    (error: unknown) => reportFailure(error),
  );
