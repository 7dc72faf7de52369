import { mkdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { settings } from '../../facts/settings';
import { buildTool } from '../../tools/build';
import { startDaemon, waitUntilReady, type Daemon } from '../cluster/daemon';
import { must } from './command';
import type { KeyPair } from '../fixtures/certificates';
import { internetAuthority, issueInternetCertificate } from './certificates';
import type { Network } from './network';
import { INTERNET, INTERNET_NAMES, LAN, REGISTRIES, WIFI } from './topology';

/** The OAuth client that the stand-in for Google knows. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What runs outside the cluster: the internet side and the host `ingress`. */
export class Surroundings {
  private readonly daemons = new Map<string, Daemon>();
  /** The work tree whose commits Argo CD sees. */
  readonly workTree: string;
  private readonly repositories: string;

  constructor(
    private readonly network: Network,
    private readonly folder: string,
  ) {
    this.workTree = join(folder, 'work-tree');
    this.repositories = join(folder, 'repositories');
  }

  /**
   * Starts name servers, the registries that hold `images`, GitHub with an empty repository, Google and Cloudflare's edge.
   *
   * @param images folder that holds the folder of each registry
   */
  async startInternet(images: string, client: OAuthClient): Promise<void> {
    const { certificate, key } = await issueInternetCertificate();
    await this.startNameServer(
      'internet-names',
      this.network.internet,
      [...INTERNET.nameServers, WIFI.router],
      INTERNET_NAMES,
    );
    for (const [name, address] of Object.entries(REGISTRIES))
      await this.startRegistry(join(images, name), `${address}:443`, { certificate, key });
    await this.makeRepository();
    const web = { certificate, key };
    await this.startProgram('github', { address: INTERNET.github, repositories: this.repositories, ...web });
    const redirectUri = `https://${settings.hosts.auth}/oauth2/callback`;
    await this.startProgram('google', { address: INTERNET.google, redirectUri, ...client, ...web });
    await this.startProgram('edge', { address: INTERNET.edge });
  }

  /** Starts ingress' name server and the image mirror, one instance for each settings file that Ansible rendered. */
  async startIngress(mirrors: readonly string[]): Promise<void> {
    const names = Object.fromEntries(
      Object.entries(LAN).flatMap(([host, address]) => [
        [host, address],
        [`${host}.ahuora.internal`, address],
      ]),
    );
    await this.startNameServer('lan-names', this.network.ingress, [LAN.ingress], names);
    this.mirrors = mirrors;
    await this.startMirrors();
  }

  private mirrors: readonly string[] = [];

  /** Starts the image mirror, with what it has cached. */
  async startMirrors(): Promise<void> {
    const program = await buildTool('registry-mirror');
    const resolver = join(this.folder, 'ingress-resolv.conf');
    await writeFile(resolver, `nameserver ${WIFI.router}\n`);
    const authority = (await internetAuthority()).certificate;
    for (const [index, mirror] of this.mirrors.entries()) {
      // The host's own resolver and certificates, for this process alone; it ends when its upstream comes back, and is started again.
      const script = `mount --bind ${resolver} /etc/resolv.conf; while :; do "$@"; sleep 1; done`;
      this.start(
        `mirror-${index}`,
        this.network.ingress,
        ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', program, 'serve', mirror],
        {
          OTEL_TRACES_EXPORTER: 'none',
          SSL_CERT_FILE: authority,
        },
      );
    }
  }

  /** Ends the image mirror, as if ingress had lost its power. */
  async stopMirrors(): Promise<void> {
    for (const [name, daemon] of this.daemons)
      if (name.startsWith('mirror-')) {
        await daemon.stop(0);
        this.daemons.delete(name);
      }
  }

  /** Commits files to the branch that Argo CD follows; `undefined` deletes one. Returns the commit. */
  async commit(message: string, files: Readonly<Record<string, string | undefined>>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.workTree, path);
      await mkdir(join(file, '..'), { recursive: true });
      if (content === undefined) await must('rm', ['-f', file]);
      else await writeFile(file, content);
    }
    return this.commitAll(message);
  }

  /** Commits whatever the work tree holds. */
  async commitAll(message: string): Promise<string> {
    await this.git(['add', '--all']);
    await this.git(['commit', '--quiet', '--allow-empty', '--message', message]);
    await this.git(['push', '--quiet', 'origin', settings.branch]);
    return (await this.git(['rev-parse', 'HEAD'])).trim();
  }

  git(args: readonly string[]): Promise<string> {
    const identity = { NAME: 'test', EMAIL: 'test@localhost' };
    const env = Object.fromEntries(
      Object.entries(identity).flatMap(([name, value]) =>
        ['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_${name}`, value]),
      ),
    );
    return must('git', args, {
      cwd: this.workTree,
      env: { ...env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.values()) await daemon.stop(200);
    const authority = await internetAuthority();
    await must('sh', ['-c', `rm -f ${join(authority.folder, `internet-${process.pid}`)}.*`]);
  }

  private async startRegistry(folder: string, addr: string, tls: KeyPair): Promise<void> {
    const file = join(this.folder, `registry-${addr.replace(':', '-')}.yml`);
    const filesystem = { rootdirectory: join(folder, 'storage') };
    await writeFile(
      file,
      stringify({
        version: 0.1,
        log: { level: 'error', accesslog: { disabled: true } },
        storage: { filesystem, maintenance: { readonly: { enabled: true } } },
        http: { addr, tls },
      }),
    );
    const command = [await buildTool('registry'), 'serve', file];
    this.start(`registry-${addr.replace(':', '-')}`, this.network.internet, command, { OTEL_TRACES_EXPORTER: 'none' });
  }

  private async makeRepository(): Promise<void> {
    const path = new URL(settings.repositoryUrl).pathname;
    const bare = join(this.repositories, path);
    await mkdir(bare, { recursive: true });
    await mkdir(this.workTree, { recursive: true });
    await this.git(['init', '--quiet', '--bare', `--initial-branch=${settings.branch}`, bare]);
    await this.git(['init', '--quiet', `--initial-branch=${settings.branch}`]);
    await this.git(['remote', 'add', 'origin', bare]);
  }

  private async startProgram(name: string, options: object): Promise<void> {
    const daemon = this.start(name, this.network.internet, [
      process.execPath,
      join(__dirname, 'stand-ins', `${name}.mjs`),
      JSON.stringify(options),
    ]);
    await waitUntilReady(daemon, async () => readFileSync(daemon.log, 'utf8').includes('ready'), 30_000);
  }

  /** CoreDNS with a list of names, in the place of somebody else's name server; what it does not know it refuses to say. */
  private async startNameServer(
    name: string,
    namespace: string,
    addresses: readonly string[],
    names: Readonly<Record<string, string>>,
  ): Promise<void> {
    const zones = [...new Set(Object.keys(names).map((each) => each.split('.').slice(-2).join('.')))];
    const entries = Object.entries(names).map(([host, address]) => `    ${address} ${host}`);
    const file = join(this.folder, `${name}.corefile`);
    await writeFile(
      file,
      `${zones.join(' ')} {\n  bind ${addresses.join(' ')}\n  hosts {\n${entries.join('\n')}\n  }\n}\n`,
    );
    this.start(name, namespace, [await buildTool('coredns'), '-conf', file]);
  }

  private start(
    name: string,
    namespace: string,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Daemon {
    const daemon = startDaemon(name, 'nsenter', [`--net=/run/netns/${namespace}`, ...command], {
      folder: this.folder,
      env,
    });
    this.daemons.set(name, daemon);
    return daemon;
  }
}
