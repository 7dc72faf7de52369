import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { buildTool, toolCache } from '../../tools/build';
import { archiveDate, baseRoot, ensureSystemPackages } from './base-root';
import { eventually, must } from './command';
import { VirtualHost, type HostPlan } from './host';
import { progress } from './progress';

const folderPrefix = 'ahuora-rack-';
const repository = join(__dirname, '..', '..');

/** Address of the machine that runs Ansible, on the rack's LAN. */
const engineer = '192.168.100.250';
/** Addresses of the stand-in internet: its router and web server, and one behind it that only a gateway leads to. */
export const internet = {
  address: '203.0.113.10',
  address6: '2001:db8:113::10',
  beyond: '198.51.100.7',
  /** Repository of the image mirror's image; a private address, which crane talks to without TLS. */
  images: '10.66.0.10:5000/mcronce/oci-registry',
  beyond6: '2001:db8:51::7',
};

interface InventoryHost {
  ansible_host: string;
  mac: string;
  wifi?: boolean;
}

/** Hosts that were imaged with Debian 13, as far as the rack can tell. */
const debian13 = ['control', 'worker-2'];

/** The hosts named, as the real inventory describes them. */
function plansOf(names: readonly string[], clockOffset: string): HostPlan[] {
  const inventory = parse(readFileSync(join(repository, 'ansible/inventory/hosts.yml'), 'utf8'));
  const groups: Record<string, { hosts?: Record<string, InventoryHost> }> = inventory.all.children;
  const hosts: Record<string, InventoryHost> = Object.assign(
    {},
    ...Object.values(groups).map((group) => group.hosts ?? {}),
  );
  return names.map((name) => {
    const host = hosts[name]!;
    return {
      name,
      address: host.ansible_host,
      mac: host.mac,
      wifi: host.wifi ?? false,
      release: debian13.includes(name) ? 13 : 12,
      clockOffset,
    };
  });
}

/** A switch, a stand-in internet and some hosts, all inside namespaces of their own. */
export class Rack {
  readonly hosts = new Map<string, VirtualHost>();
  /** Folder of everything this run writes; gone after `dismantle`. */
  readonly folder = join(tmpdir(), `${folderPrefix}${process.pid}`);
  readonly prefix = `rk${process.pid}`;
  readonly switchNamespace = `${this.prefix}-switch`;
  readonly internetNamespace = `${this.prefix}-internet`;

  /** Builds the rack with every host switched off. */
  static async assemble(names: readonly string[]): Promise<Rack> {
    ensureSystemPackages();
    removeStale();
    const rack = new Rack();
    mkdirSync(rack.folder, { mode: 0o700 });
    rack.watchOwnEnd();
    const base = baseRoot();
    await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'rack', '-f', join(rack.folder, 'key')]);
    await rack.wire();
    await rack.startInternet(base.archive);
    const publicKey = readFileSync(join(rack.folder, 'key.pub'), 'utf8');
    // Behind the archive by more than a month, whenever that was signed.
    const behind = Math.floor((archiveDate(base).getTime() - Date.now()) / 1000) - 40 * 86_400;
    for (const plan of plansOf(names, String(behind))) {
      const folder = join(rack.folder, plan.name);
      rack.hosts.set(plan.name, new VirtualHost(plan, rack.prefix, folder, base.root, publicKey));
    }
    return rack;
  }

  /** Has the rack taken apart when this process ends in whatever way, `kill -9` included. */
  private watchOwnEnd(): void {
    const waitAndTearDown = 'while [ -d "/proc/$0" ]; do sleep 1; done; [ ! -d "$2" ] || exec "$3" "$1" "$2"';
    const args = [String(process.pid), this.prefix, this.folder, join(__dirname, 'tear-down.sh')];
    spawn('sh', ['-c', waitAndTearDown, ...args], { stdio: 'ignore', detached: true }).unref();
  }

  host(name: string): VirtualHost {
    return this.hosts.get(name)!;
  }

  private async wire(): Promise<void> {
    const bridges = [
      [this.switchNamespace, 'lan0', '02:00:00:00:00:01'],
      [this.internetNamespace, 'wan0', '02:00:00:00:00:02'],
    ] as const;
    for (const [namespace, bridge, mac] of bridges) {
      await must('ip', ['netns', 'add', namespace]);
      await must('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
      // Of its own: a bridge without one takes that of a port, and with each host that comes or goes another one, which its neighbours
      // find out only after many seconds.
      await must('ip', ['-n', namespace, 'link', 'add', bridge, 'address', mac, 'type', 'bridge']);
      await must('ip', ['-n', namespace, 'link', 'set', bridge, 'up']);
    } // prettier-ignore
    await must('ip', ['-n', this.switchNamespace, 'address', 'add', `${engineer}/24`, 'dev', 'lan0']);
    await must('ip', ['-n', this.internetNamespace, 'address', 'add', `${internet.address}/24`, 'dev', 'wan0']);
    await must('ip', [
      '-n',
      this.internetNamespace,
      'address',
      'add',
      `${internet.address6}/64`,
      'dev',
      'wan0',
      'nodad',
    ]);
    await must('ip', ['-n', this.internetNamespace, 'address', 'add', `${internet.beyond}/32`, 'dev', 'lo']);
    await must('ip', ['-n', this.internetNamespace, 'address', 'add', `${internet.beyond6}/128`, 'dev', 'lo']);
    await must('ip', ['-n', this.internetNamespace, 'address', 'add', '10.66.0.10/32', 'dev', 'lo']);
    await must('ip', [
      'netns',
      'exec',
      this.internetNamespace,
      'sysctl',
      '-qw',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
    ]);
  }

  /** Address configuration, names (every name is the one web server) and the web server. */
  private async startInternet(archive: string): Promise<void> {
    const settings = [
      'interface=wan0', 'bind-interfaces', 'no-resolv', 'no-hosts', `address=/#/${internet.address}`, 'local=/#/',
      `dhcp-range=203.0.113.50,203.0.113.99,255.255.255.0,1h`, 'dhcp-authoritative', 'enable-ra', 'dhcp-range=2001:db8:113::,ra-only',
      `dhcp-leasefile=${join(this.folder, 'internet.leases')}`, 'log-queries', `log-facility=${this.queryLog}`, 'user=root',
    ]; // prettier-ignore
    writeFileSync(join(this.folder, 'internet.conf'), settings.join('\n') + '\n');
    this.startInInternet('dnsmasq', [
      '--keep-in-foreground',
      `--conf-file=${join(this.folder, 'internet.conf')}`,
      '--pid-file',
    ]);
    mkdirSync(this.downloads);
    this.startInInternet('python3', [
      join(__dirname, 'stand-in-internet.py'),
      archive,
      this.downloads,
      this.requestLog,
    ]);
    await eventually('the stand-in internet answers', 20, async () => this.webAnswers());
  }

  private async webAnswers(): Promise<boolean> {
    try {
      await must('ip', [
        'netns',
        'exec',
        this.internetNamespace,
        'python3',
        '-c',
        `import urllib.request; urllib.request.urlopen("http://${internet.address}/")`,
      ]);
      return true;
    } catch {
      return false;
    }
  }

  /** Starts a program that belongs to the internet; ended with the rack. Returns its process id. */
  startInInternet(file: string, args: readonly string[]): number {
    const log = openSync(join(this.folder, 'internet.log'), 'a');
    const child = spawn('ip', ['netns', 'exec', this.internetNamespace, file, ...args], {
      stdio: ['ignore', log, log],
      detached: true,
    });
    child.unref();
    return child.pid!;
  }

  /** What the web server gives out below /downloads/. */
  get downloads(): string {
    return join(this.folder, 'downloads');
  }

  /** DNS queries that reached the internet. */
  get queryLog(): string {
    return join(this.folder, 'internet-queries.log');
  }

  /** HTTP requests that reached the internet. */
  get requestLog(): string {
    return join(this.folder, 'internet-requests.log');
  }

  /** Ends everything. Safe to call again. @throws when something can't be removed. */
  dismantle(): void {
    if (!existsSync(this.folder)) return;
    this.keepLogs();
    takeDown(this.prefix, this.folder);
  }

  /** What a person wants to read after a failure, kept in the cache (the last run only). */
  private keepLogs(): void {
    const kept = join(toolCache(), 'rack', 'last-run');
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(kept, { recursive: true });
    for (const file of readdirSync(this.folder).filter((name) => name.endsWith('.log')))
      cpSync(join(this.folder, file), join(kept, file));
    for (const name of this.hosts.keys()) {
      const console = join(this.folder, name, 'console.log');
      if (existsSync(console)) cpSync(console, join(kept, `${name}-console.log`));
    }
  }
}

function takeDown(prefix: string, folder: string): void {
  execFileSync(join(__dirname, 'tear-down.sh'), [prefix, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Removes racks whose run was killed before it could do so itself. */
function removeStale(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(folderPrefix))) {
    const pid = name.slice(folderPrefix.length);
    if (existsSync(`/proc/${pid}`)) continue;
    progress(`removing what the run ${pid} left behind`);
    takeDown(`rk${pid}`, join(tmpdir(), name));
  }
}

/** The image mirror's binary, which also stands in for a registry on the internet. */
export const registryBinary = (): Promise<string> => buildTool('registry-mirror');
