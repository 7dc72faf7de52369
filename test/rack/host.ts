import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, must, run, type CommandOptions, type Outcome } from './command';

/** What a host of the rack is made of. */
export interface HostPlan {
  readonly name: string;
  /** IPv4 address on the LAN, as the inventory has it. */
  readonly address: string;
  readonly mac: string;
  /** Whether it has a second interface, wlan0, to the stand-in internet. */
  readonly wifi: boolean;
  /** Release of Debian whose swap it has. */
  readonly release: 12 | 13;
  /** Seconds its clock is off, as libfaketime reads it: `-3456000`. */
  readonly clockOffset: string;
}

/** One virtual Raspberry Pi: systemd in a namespace of its own, over an overlay of the base root. */
export class VirtualHost {
  readonly root: string;
  /** Everything the host changed against the image. */
  readonly changes: string;
  private readonly namespace: string;

  constructor(
    readonly plan: HostPlan,
    private readonly prefix: string,
    private readonly folder: string,
    base: string,
    publicKey: string,
  ) {
    this.namespace = `${prefix}-${plan.name}`;
    this.root = join(folder, 'root');
    this.changes = join(folder, 'changes');
    for (const each of ['root', 'changes', 'work']) mkdirSync(join(folder, each), { recursive: true });
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${base},upperdir=${this.changes},workdir=${join(folder, 'work')}`, this.root]); // prettier-ignore
    this.image(publicKey);
  }

  get name(): string {
    return this.plan.name;
  }

  /** What the imager and the first boot write: the user's key and the host's own keys. */
  private image(publicKey: string): void {
    writeFileSync(join(this.root, 'var/lib/systemd/rack-clock'), `${this.plan.clockOffset}\n`);
    this.makeHostKeys();
    if (this.plan.release === 13) this.becomeDebian13();
    const ssh = join(this.root, 'home/ahuora/.ssh');
    mkdirSync(ssh, { recursive: true, mode: 0o700 });
    writeFileSync(join(ssh, 'authorized_keys'), publicKey, { mode: 0o600 });
    for (const path of [ssh, join(ssh, 'authorized_keys')]) chownSync(path, 1000, 1000);
  }

  private makeHostKeys(): void {
    const folder = join(this.root, 'etc/ssh');
    for (const each of readdirSync(folder).filter((name) => name.startsWith('ssh_host_'))) rmSync(join(folder, each));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', this.name, '-f', join(folder, 'ssh_host_ed25519_key')]); // prettier-ignore
  }

  /** As far as the roles see a difference: swap comes from a generator. */
  private becomeDebian13(): void {
    rmSync(join(this.root, 'usr/lib/systemd/system/dphys-swapfile.service'));
    rmSync(join(this.root, 'etc/systemd/system/multi-user.target.wants/dphys-swapfile.service'));
    cpSync(join(__dirname, 'image-debian-13'), this.root, { recursive: true });
  }

  /** Switches the host on. It reboots by itself when asked to, as boards do. */
  powerOn(): void {
    const log = openSync(join(this.folder, 'console.log'), 'a');
    const wan = this.plan.wifi ? [`${this.prefix}-internet`, this.plan.mac.replace(/^../, '2e')] : [];
    spawn(
      join(__dirname, 'boot-host.sh'),
      [this.prefix, this.name, this.root, this.plan.mac, `${this.prefix}-switch`, ...wan],
      {
        stdio: ['ignore', log, log],
        detached: true,
      },
    ).unref();
  }

  /** Pulls the plug: every process of the host ends at once, nothing is written. */
  async cutPower(): Promise<void> {
    await run('sh', ['-c', `pgrep -f -- "[b]oot-host.sh ${this.prefix} ${this.name} " | xargs -r kill -9; for g in /sys/fs/cgroup/systemd/${this.namespace} /sys/fs/cgroup/unified/${this.namespace}; do for i in 1 2 3; do find $g -name cgroup.procs -exec cat {} + 2>/dev/null | xargs -r kill -9 2>/dev/null; sleep 0.2; done; done; ip -n ${this.prefix}-switch link delete ${this.name}; ip -n ${this.prefix}-internet link delete ${this.name} 2>/dev/null; ip netns delete ${this.namespace}`]); // prettier-ignore
  }

  /** Process id of the host's systemd, if it is up. */
  private async init(): Promise<string> {
    const { output } = await run('sh', [
      '-c',
      `pgrep -f -- "[-]-machine=${this.namespace} " | head -1 | xargs -r pgrep -P`,
    ]);
    return output.trim().split('\n')[0]!;
  }

  /** Runs a shell command on the host as root, past the network. */
  async run(command: string, options: CommandOptions = {}): Promise<Outcome> {
    const init = await this.init();
    if (!init) return { status: 255, output: `${this.name} is switched off` };
    return run('nsenter', ['--all', `--target=${init}`, '/bin/sh', '-c', command], options);
  }

  /** As `run`, but throws when the command fails. */
  async must(command: string, options: CommandOptions = {}): Promise<string> {
    const { status, output } = await this.run(command, options);
    if (status !== 0) throw new Error(`${this.name}: ${command} ended with ${status}:\n${output}`);
    return output.trim();
  }

  /** Waits until systemd has started everything. */
  async booted(seconds = 60): Promise<void> {
    await eventually(`${this.name} boots`, seconds, async () =>
      /^(running|degraded)/.test((await this.run('systemctl is-system-running')).output),
    );
  }

  /** Runs a command in the host's network namespace with the rack machine's programs. */
  async inNetwork(command: readonly string[]): Promise<string> {
    return must('ip', ['netns', 'exec', this.namespace, ...command]);
  }

  /** Runs a shell command in another namespace of the rack, such as the internet's; answers its output, failed or not. */
  async besides(namespace: string, command: string): Promise<string> {
    return (await run('ip', ['netns', 'exec', namespace, 'sh', '-c', command], { seconds: 20 })).output;
  }
}
