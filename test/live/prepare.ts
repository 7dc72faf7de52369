import { ensureDebianPackages } from '../fixtures/debian-packages';
import { buildTool } from '../../tools/build';
import { pythonEnvironment } from '../fixtures/python-environment';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { argoCdImages, argoCdManifests, upstreamManifests } from './argo-cd';
import type { Manifest } from './add-ons';
import { internetAuthority } from './certificates';
import { imageRecipes } from './images/catalogue';
import { storeImages } from './images/store';

const DIST = join(__dirname, '..', '..', 'dist');

/** Container runtime, network plugins, and what nodes, images and the stand-ins are made with. */
const DEBIAN_PACKAGES = [
  ...[
    'containerd',
    'runc',
    'containernetworking-plugins',
    'iptables',
    'ipset',
    'conntrack',
    'ethtool',
    'socat',
    'kmod',
  ],
  ...[
    'iproute2',
    'util-linux',
    'procps',
    'e2fsprogs',
    'openssl',
    'git',
    'mmdebstrap',
    'gcc',
    'libc6-dev',
    'chromium',
    'python3',
  ],
];

const TOOLS = [
  ...[
    'etcd',
    'kube-apiserver',
    'kubelet',
    'kube-router',
    'coredns',
    'metrics-server',
    'traefik',
    'oauth2-proxy',
    'argocd',
  ],
  ...['kubectl', 'kustomize', 'registry', 'registry-mirror'],
];

/** What a start needs that took building or fetching. */
export interface Prepared {
  /** Folder with the folder of each registry. */
  readonly images: string;
  /** Argo CD's manifests with the platform's values, not yet fitted to this machine. */
  readonly argoCd: readonly Manifest[];
}

/** Installs, builds and makes what the live cluster needs and the cache does not hold. */
export async function prepare({ signals = false }: { readonly signals?: boolean } = {}): Promise<Prepared> {
  await ensureDebianPackages([...DEBIAN_PACKAGES, ...(signals ? ['prometheus'] : [])]);
  for (const tool of TOOLS) await buildTool(tool);
  await pythonEnvironment([join(__dirname, '..', '..', 'tools', 'requirements-ansible.txt')]);
  const chart = parse(readFileSync(join(DIST, 'argocd', 'argo-cd.yaml'), 'utf8')) as Manifest;
  const argoCd = argoCdManifests(await upstreamManifests(), chart);
  const trusted = (await internetAuthority()).certificate;
  return { images: await storeImages(await imageRecipes(trusted, argoCdImages(argoCd), signals)), argoCd };
}
