import { withDarkMode } from '../lib/console/svg-theme';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A host as the inventory describes it. */
interface InventoryHost {
  readonly name: string;
  readonly group: string;
  readonly address: string;
  readonly mac: string;
  readonly wifi: boolean;
}

const colours: Record<string, string> = { gateway: '#fde9c9', server: '#d5e8f7', agent: '#e6f2e0' };
const roles: Record<string, readonly string[]> = {
  gateway: ['DHCP, DNS, time', 'image mirror', 'package cache', 'load generator'],
  server: ['K3s server'],
  agent: ['K3s agent'],
};
const box = { width: 150, height: 150, gap: 14, left: 20, top: 250 };

/** The hosts of an inventory file's text, in its order. */
export function inventoryHosts(text: string): InventoryHost[] {
  const { all } = parse(text);
  return ['gateway', 'server', 'agent'].flatMap((group) =>
    Object.entries<Record<string, unknown>>(all.children[group].hosts).map(([name, host]) => ({
      name,
      group,
      address: String(host['ansible_host']),
      mac: String(host['mac']),
      wifi: Boolean(host['wifi'] ?? all.vars.wifi),
    })),
  );
}

/** The network of an inventory as an SVG document: who is on the switch, and who has a way out. */
export function networkPicture(text: string): string {
  const hosts = inventoryHosts(text);
  const network = String(parse(text).all.vars.cluster_network);
  const width = box.left * 2 + hosts.length * (box.width + box.gap) - box.gap;
  const bottom = box.top + box.height;
  const middle = (index: number) => box.left + index * (box.width + box.gap) + box.width / 2;
  const uplinks = hosts.flatMap((host, index) => (host.wifi ? [middle(index)] : []));
  const router = { x: uplinks.reduce((sum, x) => sum + x, 0) / Math.max(uplinks.length, 1), y: 120 };
  const parts = [
    ...label(
      box.left,
      30,
      'Internet: VPN to ingress, Cloudflare Tunnel from control, image registries, Debian archives',
    ),
    `<line x1="${router.x}" y1="38" x2="${router.x}" y2="${router.y - 24}" class="wifi"/>`,
    `<rect x="${router.x - 90}" y="${router.y - 24}" width="180" height="48" rx="8" fill="#eeeeee"/>`,
    ...label(router.x, router.y + 5, '4G router (Wi-Fi)', 'middle', 'name'),
    ...uplinks.map((x) => `<line x1="${router.x}" y1="${router.y + 24}" x2="${x}" y2="${box.top}" class="wifi"/>`),
    ...hosts.flatMap((host, index) => hostBox(host, middle(index))),
    `<rect x="${box.left}" y="${bottom + 40}" width="${width - box.left * 2}" height="34" rx="6" fill="#cccccc"/>`,
    ...label(width / 2, bottom + 62, `Switch, ${hosts.length} ports: LAN ${network}`, 'middle', 'name'),
    ...hosts.map(
      (_, index) =>
        `<line x1="${middle(index)}" y1="${bottom}" x2="${middle(index)}" y2="${bottom + 40}" class="wire"/>`,
    ),
    ...label(
      box.left,
      bottom + 100,
      'Solid: cable. Dashed: Wi-Fi. No host forwards between the two; hosts without Wi-Fi reach the LAN alone.',
    ),
  ];
  return withDarkMode(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 120}" font-family="sans-serif" font-size="13">
<title>Network of the cluster, drawn from ansible/inventory/hosts.yml</title>
<style>.wire{stroke:#333;stroke-width:2}.wifi{stroke:#333;stroke-width:2;stroke-dasharray:6 5}.name{font-weight:bold}rect{stroke:#333}</style>
<rect width="100%" height="100%" fill="white" style="stroke:none"/>
${parts.join('\n')}
</svg>
`,
    DARK,
    '.wire,.wifi,rect{stroke:#94a3b8}',
  );
}

/** What each colour becomes for readers whose system is dark. */
const DARK = {
  white: 'none',
  ...{ '#e6f2e0': '#14432a', '#fde9c9': '#4a3410', '#d5e8f7': '#1e3a5f', '#eeeeee': '#1e293b', '#cccccc': '#334155' },
};

function hostBox(host: InventoryHost, x: number): string[] {
  const lines = [host.address, host.mac, ...roles[host.group]!];
  return [
    `<rect x="${x - box.width / 2}" y="${box.top}" width="${box.width}" height="${box.height}" rx="8" fill="${colours[host.group]}"/>`,
    ...label(x, box.top + 24, host.name, 'middle', 'name'),
    ...lines.flatMap((line, index) => label(x, box.top + 46 + index * 18, line, 'middle')),
  ];
}

function label(x: number, y: number, text: string, anchor = 'start', kind = ''): string[] {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return [`<text x="${x}" y="${y}" text-anchor="${anchor}"${kind && ` class="${kind}"`}>${escaped}</text>`];
}

/** Where the inventory is and where the picture goes. */
export const files = {
  inventory: join(__dirname, 'inventory', 'hosts.yml'),
  picture: join(__dirname, '..', 'docs', 'generated', 'network.svg'),
};

if (require.main === module) writeFileSync(files.picture, networkPicture(readFileSync(files.inventory, 'utf8')));
