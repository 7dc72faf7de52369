import { chmod, copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { images } from '../../../facts/images';
import { buildTool } from '../../../tools/build';
import { argoCdSource } from '../argo-cd';
import { must } from '../command';
import { debianBase } from './base';
import type { ImageConfig } from './image';
import type { LayerRecipe } from './layer';

/** An image to be made: the names it is pulled by, its layers and how it starts. */
export interface ImageRecipe {
  readonly references: readonly string[];
  readonly layers: readonly LayerRecipe[];
  readonly config: ImageConfig;
}

/** Names that no chart of ours holds: what K3s and the manifests of Argo CD name. */
const PAUSE = 'registry.k8s.io/pause:3.10';
export const COREDNS = 'docker.io/rancher/mirrored-coredns-coredns:1.14.3';
export const METRICS_SERVER = 'docker.io/rancher/mirrored-metrics-server:v0.8.0';
/** A pod to ask from: the base as it is. */
export const CLIENT = 'docker.io/ahuora/live-client:1';

const FILES = join(__dirname, 'files');
const REFERENCE_API = join(__dirname, '..', '..', 'fixtures', 'reference-api');
const GRANIAN = ['python', '-m', 'granian', '--interface', 'wsgi', '--host', '0.0.0.0', '--workers', '1', '--no-ws'];

/**
 * Every image that the live cluster runs.
 *
 * @param trusted file with the certificates that programs inside are to trust: those of the stand-in internet
 */
export async function imageRecipes(
  trusted: string,
  argoCd: { readonly argocd: string; readonly redis: string },
  withSignals = false,
): Promise<ImageRecipe[]> {
  const trust: LayerRecipe = {
    name: 'trust',
    inputs: [{ path: trusted }],
    fill: (folder) => put(folder, { 'etc/ssl/certs/ca-certificates.crt': trusted }),
  };
  /** An image of one static program, and the certificates it trusts. */
  const staticProgram = async (
    references: readonly string[],
    binary: string,
    place: string,
    config: ImageConfig = {},
  ): Promise<ImageRecipe> => ({
    references,
    layers: [programLayer(await buildTool(binary), place), trust],
    config: { entrypoint: [`/${place}`], ...config },
  });
  const file = (name: string) => join(FILES, name);
  return [
    ...(withSignals ? await signalRecipes(staticProgram) : []),
    { references: [PAUSE], layers: [pauseLayer], config: { entrypoint: ['/pause'], user: '65535:65535' } },
    await staticProgram([COREDNS], 'coredns', 'coredns'),
    await staticProgram([METRICS_SERVER], 'metrics-server', 'metrics-server', { user: '65534' }),
    await staticProgram([images.traefik], 'traefik', 'traefik'),
    await staticProgram([images.oauth2Proxy], 'oauth2-proxy', 'bin/oauth2-proxy', { user: '65532:65532' }),
    {
      references: [argoCd.argocd],
      layers: [debianBase, await argoCdLayer(), trust],
      config: { entrypoint: ['/usr/bin/env', '--'], user: '999', workingDirectory: '/home/argocd' },
    },
    {
      references: [argoCd.redis],
      layers: [debianBase],
      // The official image's entry script starts the server when it is given options alone.
      config: { entrypoint: ['redis-server', '--bind', '*', '--dir', '/tmp'], user: '999' },
    },
    {
      references: [images.postgres],
      layers: [
        debianBase,
        filesLayer('postgres', { 'usr/local/bin/docker-entrypoint.sh': file('docker-entrypoint.sh') }),
      ],
      config: {
        entrypoint: ['docker-entrypoint.sh'],
        command: ['postgres'],
        environment: { PGDATA: '/var/lib/postgresql/data' },
        stopSignal: 'SIGINT',
      },
    },
    { references: [images.pgbouncer], layers: [debianBase], config: { user: '70:70' } },
    {
      // The next tag is the same program: a roll-out needs another name, not another content.
      references: [images.djangoApi, nextTag(images.djangoApi)],
      layers: [debianBase, pythonPackages, filesLayer('django', { app: REFERENCE_API })],
      config: {
        environment: { PYTHONPATH: '/packages:/app', PYTHONDONTWRITEBYTECODE: '1' },
        workingDirectory: '/app',
        user: '1000:1000',
        command: [...GRANIAN, '--port', '8000', '--blocking-threads', '8', 'reference_api.wsgi:application'],
      },
    },
    {
      references: [images.idaes, nextTag(images.idaes)],
      layers: [debianBase, pythonPackages, filesLayer('solver', { 'app/solver': join(REFERENCE_API, 'solver') })],
      config: {
        // A fifth of the work of one solve: three nodes share two cores here.
        environment: { PYTHONPATH: '/packages:/app', PYTHONDONTWRITEBYTECODE: '1', SOLVER_STAGES: '1200' },
        workingDirectory: '/app',
        user: '1000:1000',
        command: [...GRANIAN, '--port', '8080', 'solver.service:application'],
      },
    },
    {
      references: [images.frontEnd, nextTag(images.frontEnd)],
      layers: [
        debianBase,
        filesLayer('front-end', {
          'etc/nginx/nginx.conf': file('nginx.conf'),
          'usr/share/nginx/html/index.html': file('index.html'),
        }),
      ],
      config: { command: ['nginx', '-g', 'daemon off;'], user: '101:101' },
    },
    {
      references: [images.cloudflared],
      layers: [debianBase, filesLayer('cloudflared', { 'cloudflared.py': file('cloudflared.py') })],
      // The real program takes these arguments; the stand-in reads none.
      config: { entrypoint: ['python3', '/cloudflared.py'], user: '65532:65532' },
    },
    {
      // The Node that runs these tests, on Debian as in the official image.
      references: [images.node],
      layers: [debianBase, programLayer(process.execPath, 'usr/local/bin/node', process.version)],
      config: { command: ['node'] },
    },
    { references: [CLIENT], layers: [debianBase], config: { command: ['sleep', 'infinity'], user: '65532:65532' } },
  ];
}

type StaticProgram = (
  references: readonly string[],
  binary: string,
  place: string,
  config?: ImageConfig,
) => Promise<ImageRecipe>;

/** What autoscalers look at beyond CPU comes through these two; Prometheus is Debian's, and needs its C library. */
async function signalRecipes(staticProgram: StaticProgram): Promise<ImageRecipe[]> {
  const version = (await must('prometheus', ['--version'])).split('\n')[0]!;
  return [
    await staticProgram([images.prometheusAdapter], 'prometheus-adapter', 'adapter', { user: '65534' }),
    {
      references: [images.prometheus],
      layers: [debianBase, programLayer('/usr/bin/prometheus', 'bin/prometheus', version)],
      config: { entrypoint: ['/bin/prometheus'], user: '65534', workingDirectory: '/prometheus' },
    },
  ];
}

/** The name of the tag after this one: `ahuora/idaes:0.0.10` gives `ahuora/idaes:0.0.11`. */
export function nextTag(reference: string): string {
  const [, name, last] = /^([^@]*[.:])(\d+)(?:@.*)?$/.exec(reference) ?? [];
  if (name === undefined) throw new Error(`${reference}: its tag does not end with a number`);
  return `${name}${Number(last) + 1}`;
}

/** Copies files and folders to their places in a layer. */
async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [place, source] of Object.entries(files)) {
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await cp(source, join(folder, place), {
      recursive: true,
      filter: (path) => !/__pycache__|\.test\.ts$|\.ts$/.test(path),
    });
  }
}

function filesLayer(name: string, files: Readonly<Record<string, string>>): LayerRecipe {
  return {
    name,
    inputs: [{ text: JSON.stringify(Object.keys(files)) }, ...Object.values(files).map((path) => ({ path }))],
    fill: async (folder) => {
      await put(folder, files);
      await must('chmod', ['-R', 'a+rX', folder]);
      for (const place of Object.keys(files)) if (place.includes('/bin/')) await chmod(join(folder, place), 0o755);
    },
  };
}

/** One program that the cache of tools holds; its path there names its version, so its bytes are not read for the key. */
/** @param version of the program; that of a tool is in the name of its folder. */
function programLayer(binary: string, place: string, version = basename(dirname(binary))): LayerRecipe {
  return {
    name: basename(binary),
    inputs: [{ text: `${version} ${place}` }],
    fill: async (folder) => {
      await put(folder, { [place]: binary });
      await mkdir(join(folder, 'tmp'), { mode: 0o1777 });
      await chmod(join(folder, 'tmp'), 0o1777);
    },
  };
}

const pauseLayer: LayerRecipe = {
  name: 'pause',
  inputs: [{ path: join(FILES, 'pause.c') }],
  fill: async (folder) => {
    await must('gcc', ['-Os', '-static', '-s', '-o', join(folder, 'pause'), join(FILES, 'pause.c')]);
  },
};

/** The packages of the reference API for the Python of the base. */
const pythonPackages: LayerRecipe = {
  name: 'python-packages',
  inputs: [{ path: join(REFERENCE_API, 'requirements.txt') }],
  fill: async (folder) => {
    const platform = ['manylinux2014_x86_64', 'manylinux_2_28_x86_64', 'manylinux_2_17_x86_64'].flatMap((each) => [
      '--platform',
      each,
    ]);
    await must('python3', [
      '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--only-binary', ':all:',
      '--python-version', '3.11', ...platform, '--target', join(folder, 'packages'),
      '--requirement', join(REFERENCE_API, 'requirements.txt'),
    ]); // prettier-ignore
  },
};

/** Argo CD's program under its names, and what its repo server calls. */
async function argoCdLayer(): Promise<LayerRecipe> {
  const argocd = await buildTool('argocd');
  const helm = await buildTool('helm');
  const kustomize = await buildTool('kustomize');
  const scripts = join(await argoCdSource(), 'hack');
  return {
    name: 'argo-cd',
    inputs: [{ text: [argocd, helm, kustomize].map((path) => basename(dirname(path))).join(' ') }],
    fill: async (folder) => {
      const bin = join(folder, 'usr/local/bin');
      await mkdir(bin, { recursive: true });
      await copyFile(argocd, join(bin, 'argocd'));
      await copyFile(helm, join(bin, 'helm'));
      await copyFile(kustomize, join(bin, 'kustomize'));
      for (const role of ['server', 'repo-server', 'application-controller', 'cmp-server', 'k8s-auth'])
        await symlink('argocd', join(bin, `argocd-${role}`));
      for (const script of ['gpg-wrapper.sh', 'git-verify-wrapper.sh']) {
        await copyFile(join(scripts, script), join(bin, script));
        await chmod(join(bin, script), 0o755);
      }
      await mkdir(join(folder, 'home/argocd'), { recursive: true });
      await must('sh', [
        '-c',
        'mkdir -p "$0"/app/config/ssh "$0"/app/config/tls && chmod a+rwx "$0"/home/argocd',
        folder,
      ]);
    },
  };
}
