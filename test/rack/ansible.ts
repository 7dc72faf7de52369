import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { toolCache } from '../../tools/build';
import { userPassword } from './base-root';
import { run, type CommandOptions, type Outcome } from './command';
import { Walk } from './documented';
import { progress } from './progress';
import { k3sVersions, publish, publishedK3s, sha256 } from './published-artefacts';
import { internet, registryBinary, type Rack } from './rack';
import { UpstreamRegistry } from './upstream-registry';

const repository = join(__dirname, '..', '..');
export const ansibleFolder = join(repository, 'ansible');
const requirements = join(repository, 'tools', 'requirements-ansible.txt');

/** The page that says how Ansible is installed, from the folder docs. */
export const installationPage = 'cluster-from-eight-boxes.md';
/** How the command begins that installs Ansible. */
export const installsAnsible = 'python3 -m venv ';

/** Folder of Ansible's programs, from the cache; installed first (about 30 s), by the page's command, when it is not there. */
export function ansiblePrograms(): string {
  const command = new Walk(installationPage).take(installsAnsible);
  const key = createHash('sha256').update(command).update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const folder = join(toolCache(), `ansible-${key}`);
  // Where the command puts them, with this folder for a home.
  const programs = join(folder, 'ansible', 'bin');
  if (existsSync(join(folder, '.complete'))) return programs;
  progress('installing Ansible and its linters, once; about 30 s');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('sh', ['-c', command], {
      cwd: repository,
      stdio: 'pipe',
      env: { ...process.env, HOME: folder, PIP_QUIET: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    });
  } catch (error) {
    throw new Error(
      `Ansible can't be installed by the command of docs/${installationPage}:\n${String((error as { stderr?: Buffer }).stderr ?? error)}`,
    );
  }
  writeFileSync(join(folder, '.complete'), '');
  return programs;
}

/** Numbers of one host in Ansible's recap. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
}

/** A playbook's outcome. */
export interface PlaybookOutcome extends Outcome {
  readonly recap: ReadonlyMap<string, Recap>;
  /** Seconds it took. */
  readonly seconds: number;
}

/** The engineer's side of the rack: a checkout, the staged artefacts, the vault, and SSH with a key of its own. */
export class Engineer {
  private readonly folder: string;
  private readonly programs = ansiblePrograms();
  private logNumber = 0;
  /** What stands for Docker Hub. */
  readonly upstream: UpstreamRegistry;

  private constructor(private readonly rack: Rack) {
    this.folder = join(rack.folder, 'engineer');
    this.upstream = new UpstreamRegistry(rack);
  }

  static async prepare(rack: Rack): Promise<Engineer> {
    const engineer = new Engineer(rack);
    mkdirSync(engineer.path('artefacts'), { recursive: true });
    cpSync(join(ansibleFolder, 'inventory'), engineer.path('inventory'), { recursive: true });
    publish(rack.downloads, engineer.programs);
    cpSync(publishedK3s(rack.downloads, k3sVersions.next), engineer.path('artefacts', `k3s-${k3sVersions.next}`));
    const images = join(dirname(publishedK3s(rack.downloads, k3sVersions.next)), 'k3s-airgap-images-arm64.tar.zst');
    cpSync(images, engineer.path('artefacts', `k3s-airgap-images-arm64-${k3sVersions.next}.tar.zst`));
    engineer.writeVault();
    writeFileSync(engineer.path('become-password'), userPassword, { mode: 0o600 });
    engineer.giveRealAddresses();
    engineer.writeVariables();
    return engineer;
  }

  /** The rendered manifests with a real address where the repository has an example, as a site's own commit would change it. */
  private giveRealAddresses(): void {
    cpSync(join(repository, 'dist', 'argocd'), this.path('dist', 'argocd'), { recursive: true });
    const file = this.path('dist', 'argocd', 'monitoring.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('example.grafana.net', 'grafana.rack'));
  }

  /** Puts the mirror's binary where the page has it built; for this machine's processor instead of the Pi's. */
  async makeMirror(): Promise<void> {
    cpSync(await registryBinary(), this.mirrorBinary);
  }

  /** Where `stage` wants the mirror's binary. */
  get mirrorBinary(): string {
    return this.path('artefacts', 'registry-mirror-v3.0.0');
  }

  /** Path of a file on the engineer's machine. */
  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** The sums that `stage` wrote down, by file name. */
  recordedSums(): Record<string, string> {
    return parse(readFileSync(this.checksums, 'utf8')).artefact_checksums;
  }

  /** The file `stage` writes sums into. */
  get checksums(): string {
    return this.path('inventory', 'group_vars', 'all', 'checksums.yml');
  }

  /** Secrets as the repository's contracts ask for them, encrypted by ansible-vault as on the real site. */
  private writeVault(): void {
    const contracts = this.contracts();
    const secrets = Object.fromEntries(
      contracts.secrets.map((secret) => [
        `${secret.namespace}/${secret.name}`,
        Object.fromEntries(
          secret.keys
            .filter(({ issued }) => issued === undefined)
            .map((key) => [key.name, randomBytes(12).toString('hex')]),
        ),
      ]),
    );
    for (const [name, values] of Object.entries(secrets)) if (Object.keys(values).length === 0) delete secrets[name];
    const token = () => randomBytes(16).toString('hex');
    this.writeVaultWith({
      k3s_token: token(),
      k3s_agent_token: token(),
      zerotier_network: randomBytes(8).toString('hex'),
      docker_hub_username: token(),
      docker_hub_token: token(),
      secrets,
    });
  }

  /** Replaces the vault. */
  writeVaultWith(vault: Record<string, unknown>): void {
    this.vault = vault;
    writeFileSync(this.path('vault-password'), randomBytes(16).toString('hex'), { mode: 0o600 });
    const file = this.path('inventory', 'group_vars', 'all', 'vault.yml');
    writeFileSync(file, stringify({ vault }), { mode: 0o600 });
    execFileSync(
      join(this.programs, 'ansible-vault'),
      ['encrypt', '--vault-password-file', this.path('vault-password'), file],
      { stdio: 'pipe' },
    );
  }

  /** The vault as a newcomer has it after the page's commands: the example, encrypted, with every placeholder still in it. */
  copyVaultExample(copy: string, encrypt: string): void {
    const words = `${encrypt} --vault-password-file ${this.path('vault-password')}`;
    for (const command of [copy, words])
      execFileSync('sh', ['-c', command], {
        cwd: this.folder,
        stdio: 'pipe',
        env: { ...process.env, PATH: `${this.programs}:${process.env['PATH']}` },
      });
  }

  /** Replaces the values named in the vault. */
  changeVault(values: Record<string, unknown>): void {
    this.writeVaultWith({ ...this.vault, ...values });
  }

  /** The values in the vault. */
  vault: Record<string, unknown> = {};

  /** The contracts the charts declare. */
  contracts(): { secrets: { name: string; namespace: string; keys: { name: string; issued?: unknown }[] }[] } {
    return JSON.parse(readFileSync(join(repository, 'dist', 'secrets.json'), 'utf8'));
  }

  /** What differs between the rack and the real site: what can't be had here, shorter waits. */
  private writeVariables(): void {
    const published = `http://${internet.address}/downloads`;
    const sources = [
      'oci_registry',
      'k3s',
      'argocd_chart',
      'argocd_chart_index',
      'k6',
      'docker_compose',
      'zerotier',
      'node',
    ];
    const variables = {
      artefact_sources: Object.fromEntries(
        sources.map((name) => [name, name === 'oci_registry' ? internet.images : `${published}/${name}`]),
      ),
      jump_through_ingress: false,
      registry_engine: 'distribution',
      registry_upstreams: ['docker.io', 'registry.k8s.io', 'quay.io', 'ghcr.io'].map((name, index) => ({
        name, url: `http://${internet.address}:5000`, port: 5001 + index,
      })),
      zerotier_enabled: false,
      // The least that dnsmasq gives, so that an outage of minutes is longer than a lease.
      network_lease_time: '2m',
      load_generator_tools: false,
      node_wait_seconds: 120, k3s_agent_ready_seconds: 60, k3s_server_ready_seconds: 60, k3s_upgrade_ready_seconds: 15,
      reboot_ready_seconds: 60, prereq_reboot_seconds: 120, verify_outside: internet.beyond,
      contracts_file: join(repository, 'dist', 'secrets.json'), volumes_file: join(repository, 'dist', 'volumes.json'),
      platform_manifests: join(repository, 'dist', 'platform'), host_keys_file: this.path('ssh', 'known_hosts'),
      k3s_deployments_applications: this.path('dist', 'argocd'), k3s_deployments_handover_seconds: 60, k3s_node_ready_seconds: 60, ntp_time_server_wait_seconds: 20,
    }; // prettier-ignore
    writeFileSync(this.path('rack.yml'), stringify(variables));
  }

  /** Stages what is there of the next version under the name of another one. */
  stageAs(version: string): void {
    for (const name of ['k3s-VERSION', 'k3s-airgap-images-arm64-VERSION.tar.zst'])
      cpSync(this.path('artefacts', name.replace('VERSION', k3sVersions.next)), this.path('artefacts', name.replace('VERSION', version)));
  } // prettier-ignore

  /** Arguments that make a playbook install another version, as a commit to versions.yml and checksums.yml would. */
  forVersion(version: string): string[] {
    const file = `k3s-${version}`;
    const images = `k3s-airgap-images-arm64-${version}.tar.zst`;
    const sums = {
      ...this.recordedSums(),
      ...Object.fromEntries([file, images].map((name) => [name, sha256(this.path('artefacts', name))])),
    };
    return ['--extra-vars', JSON.stringify({ k3s_version: version, artefact_checksums: sums })];
  }

  /** Runs a playbook on the rack's hosts, from the LAN, over SSH; `stage`, which talks to no host, from the internet. */
  async playbook(
    name: string,
    args: readonly string[] = [],
    options: CommandOptions & { inventory?: string; becomePassword?: boolean; runsOn?: string } = {},
  ): Promise<PlaybookOutcome> {
    const started = Date.now();
    const log = join(this.rack.folder, `${String(++this.logNumber).padStart(2, '0')}-${name}.log`);
    const inventory = options.inventory ?? this.path('inventory');
    const network = name === 'stage' ? this.rack.internetNamespace : this.rack.switchNamespace;
    const hosts = [...this.rack.hosts.keys()].join(',');
    // The machine that runs Ansible is known by its machine id: with that of a host, it is that host.
    const disguise = options.runsOn
      ? ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/machine-id && exec "$@"', join(this.rack.host(options.runsOn).root, 'etc/machine-id')]
      : []; // prettier-ignore
    const outcome = await run(
      'ip',
      ['netns', 'exec', network, ...disguise, join(this.programs, 'ansible-playbook'), `playbooks/${name}.yml`, '--inventory', inventory,
        ...(args.includes('--limit') ? [] : ['--limit', hosts]),
        '--private-key', join(this.rack.folder, 'key'),
        '--extra-vars', `@${this.path('rack.yml')}`,
        '--vault-password-file', this.path('vault-password'), ...(options.becomePassword === false ? [] : ['--become-password-file', this.path('become-password')]), ...args],
      {
        cwd: ansibleFolder,
        seconds: 600,
        ...options,
        env: {
          ANSIBLE_CONFIG: join(ansibleFolder, 'ansible.cfg'),
          ANSIBLE_HOME: this.path('ansible-home'),
          ANSIBLE_LOCAL_TEMP: this.path('ansible-home', 'tmp'),
          ANSIBLE_SSH_CONTROL_PATH_DIR: join(this.rack.folder, 'cp'),
          ANSIBLE_SSH_ARGS: `-F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${this.path('ssh', 'known_hosts')} -o StrictHostKeyChecking=yes -o LogLevel=ERROR -o ConnectTimeout=5 -o ServerAliveInterval=2 -o ServerAliveCountMax=3`,
          ANSIBLE_NOCOLOR: '1', ANSIBLE_CALLBACKS_ENABLED: 'ansible.builtin.default', LC_ALL: 'C.UTF-8', HOME: this.folder,
        },
        onLine: (line, kill) => {
          appendFileSync(log, `${((Date.now() - started) / 1000).toFixed(1).padStart(6)} ${line}\n`);
          if (line.startsWith('PLAY [')) progress(`  ${name}: ${line.replace(/ \*+$/, '')}`);
          options.onLine?.(line, kill);
        },
      },
    ); // prettier-ignore
    const seconds = (Date.now() - started) / 1000;
    progress(`  ${name} ${args.join(' ').slice(0, 60)} ended with ${outcome.status} after ${seconds.toFixed(0)} s`);
    return { ...outcome, recap: recapOf(outcome.output), seconds };
  }
}

function recapOf(output: string): Map<string, Recap> {
  const line = /^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm;
  return new Map([...output.matchAll(line)].map(([, host, ok, changed, unreachable, failed]) =>
    [host!, { ok: Number(ok), changed: Number(changed), unreachable: Number(unreachable), failed: Number(failed) }])); // prettier-ignore
}
