import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { toolCache } from '../../tools/build';
import { run, type CommandOptions, type Outcome } from './command';
import { progress } from './progress';
import { internet, registryBinary, type Rack } from './rack';

const repository = join(__dirname, '..', '..');
export const ansibleFolder = join(repository, 'ansible');
const requirements = join(repository, 'tools', 'requirements-ansible.txt');

/** Folder of Ansible's programs, from the cache; installed first (about 30 s) when it is not there. */
export function ansiblePrograms(): string {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const folder = join(toolCache(), `ansible-${key}`);
  if (existsSync(join(folder, '.complete'))) return join(folder, 'bin');
  progress('installing Ansible and its linters, once; about 30 s');
  rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' });
    execFileSync(
      join(folder, 'bin', 'pip'),
      ['install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      { stdio: 'pipe' },
    );
  } catch (error) {
    throw new Error(
      `Ansible can't be installed from tools/requirements-ansible.txt:\n${String((error as { stderr?: Buffer }).stderr ?? error)}`,
    );
  }
  writeFileSync(join(folder, '.complete'), '');
  return join(folder, 'bin');
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

/** The chart that the rendered manifests ask for. */
const argoCdChart = /static\/charts\/(\S+)/.exec(
  readFileSync(join(repository, 'dist/argocd/argo-cd.yaml'), 'utf8'),
)![1]!;

/** Versions of the stand-in that are staged. */
export const k3sVersions = { installed: 'v1.34.4+k3s1', next: 'v1.34.5+k3s1' };

/** The engineer's side of the rack: a checkout, the staged artefacts, the vault, and SSH with a key of its own. */
export class Engineer {
  private readonly folder: string;
  private readonly programs = ansiblePrograms();
  private logNumber = 0;

  private constructor(private readonly rack: Rack) {
    this.folder = join(rack.folder, 'engineer');
  }

  static async prepare(rack: Rack): Promise<Engineer> {
    const engineer = new Engineer(rack);
    mkdirSync(join(engineer.folder, 'artefacts'), { recursive: true });
    await engineer.stage();
    engineer.writeVault();
    engineer.writeVariables();
    return engineer;
  }

  /** Path of a file on the engineer's machine. */
  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  private async stage(): Promise<void> {
    for (const version of Object.values(k3sVersions))
      buildK3sStandIn(version, this.programs, this.path('artefacts', `k3s-${version}`));
    cpSync(await registryBinary(), this.path('artefacts', 'registry-mirror-v3.0.0'));
    // K3s' Helm controller reads the chart; the stand-in has none, so its content does not matter here.
    writeFileSync(this.path('artefacts', argoCdChart), 'a chart');
  }

  /** sha256 of a staged file. */
  sum(file: string): string {
    return createHash('sha256')
      .update(readFileSync(this.path('artefacts', file)))
      .digest('hex');
  }

  /** Secrets as the repository's contracts ask for them, encrypted by ansible-vault as on the real site. */
  private writeVault(): void {
    const contracts = this.contracts();
    const secrets = Object.fromEntries(
      contracts.secrets.map((secret) => [
        `${secret.namespace}/${secret.name}`,
        Object.fromEntries(secret.keys.map((key) => [key.name, randomBytes(12).toString('hex')])),
      ]),
    );
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
    writeFileSync(this.path('vault.yml'), stringify({ vault }), { mode: 0o600 });
    execFileSync(
      join(this.programs, 'ansible-vault'),
      ['encrypt', '--vault-password-file', this.path('vault-password'), this.path('vault.yml')],
      { stdio: 'pipe' },
    );
  }

  /** The values in the vault. */
  vault: Record<string, unknown> = {};

  /** The contracts the charts declare. */
  contracts(): { secrets: { name: string; namespace: string; keys: { name: string }[] }[] } {
    return JSON.parse(readFileSync(join(repository, 'dist', 'secrets.json'), 'utf8'));
  }

  private variables: Record<string, unknown> = {};

  /** What differs between the rack and the real site: where artefacts lie, what can't be had here, shorter waits. */
  private writeVariables(): void {
    this.variables = {
      artefacts_folder: this.path('artefacts'),
      artefact_checksums: {
        k3s: this.sum(`k3s-${k3sVersions.installed}`), registry_mirror: this.sum('registry-mirror-v3.0.0'),
        argocd_chart: this.sum(argoCdChart), k6: '', docker_compose: '', zerotier: '',
      },
      jump_through_ingress: false,
      registry_engine: 'distribution',
      registry_upstreams: ['docker.io', 'registry.k8s.io', 'quay.io', 'ghcr.io'].map((name, index) => ({
        name, url: `http://${internet.address}:5000`, port: 5001 + index,
      })),
      zerotier_enabled: false,
      load_generator_tools: false,
      node_wait_seconds: 120, k3s_agent_ready_seconds: 60, k3s_server_ready_seconds: 60, k3s_upgrade_ready_seconds: 15,
      reboot_ready_seconds: 60, reboot_timeout_seconds: 120, raspberrypi_reboot_timeout: 120, verify_outside: internet.beyond,
      contracts_file: join(repository, 'dist', 'secrets.json'),
      k3s_deployments_applications: join(repository, 'dist', 'argocd'), ntp_time_server_wait_seconds: 20,
    }; // prettier-ignore
    writeFileSync(this.path('rack.yml'), stringify(this.variables));
  }

  /** Arguments that make a playbook install another version. */
  forVersion(version: string): string[] {
    const sums = { ...(this.variables['artefact_checksums'] as object), k3s: this.sum(`k3s-${version}`) };
    return ['--extra-vars', JSON.stringify({ k3s_version: version, artefact_checksums: sums })];
  }

  /** Runs a playbook on the rack's hosts, from the LAN, over SSH. */
  async playbook(
    name: string,
    args: readonly string[] = [],
    options: CommandOptions & { inventory?: string } = {},
  ): Promise<PlaybookOutcome> {
    const started = Date.now();
    const log = join(this.rack.folder, `${String(++this.logNumber).padStart(2, '0')}-${name}.log`);
    const inventory = options.inventory ?? join(ansibleFolder, 'inventory');
    const hosts = [...this.rack.hosts.keys()].join(',');
    const outcome = await run(
      'ip',
      ['netns', 'exec', this.rack.switchNamespace, join(this.programs, 'ansible-playbook'), `playbooks/${name}.yml`, '--inventory', inventory,
        ...(args.includes('--limit') ? [] : ['--limit', hosts]),
        '--private-key', join(this.rack.folder, 'key'),
        '--extra-vars', `@${this.path('rack.yml')}`, '--extra-vars', `@${this.path('vault.yml')}`,
        '--vault-password-file', this.path('vault-password'), ...args],
      {
        cwd: ansibleFolder,
        seconds: 600,
        ...options,
        env: {
          ANSIBLE_CONFIG: join(ansibleFolder, 'ansible.cfg'),
          ANSIBLE_HOME: this.path('ansible-home'),
          ANSIBLE_LOCAL_TEMP: this.path('ansible-home', 'tmp'),
          ANSIBLE_SSH_CONTROL_PATH_DIR: join(this.rack.folder, 'cp'),
          ANSIBLE_SSH_ARGS: `-F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR -o ConnectTimeout=5 -o ServerAliveInterval=2 -o ServerAliveCountMax=3`,
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

/** Packs the stand-in and the YAML library into one executable file, as K3s is one. */
function buildK3sStandIn(version: string, programs: string, target: string): void {
  const scratch = mkdtempSync(`${target}-`);
  cpSync(join(__dirname, 'k3s-stand-in'), scratch, { recursive: true });
  const library = execFileSync(
    join(programs, 'python'),
    ['-c', 'import os, yaml; print(os.path.dirname(yaml.__file__))'],
    { encoding: 'utf8' },
  ).trim();
  cpSync(library, join(scratch, 'yaml'), { recursive: true, filter: (path) => !/\.so$|__pycache__/.test(path) });
  writeFileSync(join(scratch, 'version.py'), `VERSION = ${JSON.stringify(version)}\n`);
  execFileSync('python3', ['-m', 'zipapp', '--python', '/usr/bin/python3', '--output', `${target}.new`, scratch]);
  chmodSync(`${target}.new`, 0o755);
  renameSync(`${target}.new`, target);
  rmSync(scratch, { recursive: true });
}
