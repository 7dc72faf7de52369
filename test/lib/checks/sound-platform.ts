import type { Loose } from '../../fixtures/loose';
import { App, ApiObject, Chart } from 'cdk8s';
import type { Inventory } from '../../../lib/kubernetes/inventory';
import type { PlatformModel } from '../../../lib/constructs/platform-model';
import type { ReviewedFacts } from '../../../lib/kubernetes/reviewed-facts';
import { NOTHING_REVIEWED } from '../synthesis/empty-model';
import type { KubernetesObject, RenderedFile } from '../../../lib/kubernetes/object';
import {
  backup,
  database,
  gatekeeper,
  gateway,
  namespace,
  policies,
  pooler,
  quota,
  webAutoscaler,
  webBudget,
  webDeployment,
  webService,
  webSettings,
} from './sound-objects';

/** A small platform with nothing wrong: a web service behind sign-in, a pooler, a database and a nightly task. */
export interface SoundPlatform {
  model: { -readonly [Field in keyof PlatformModel]: Loose };
  files: { path: string; component: string; objects: Loose[] }[];
}

const inventory: Inventory = {
  hosts: [
    { name: 'gate', address: '192.0.2.1', role: 'gateway', cores: 4, memoryMiB: 8192 },
    { name: 'head', address: '192.0.2.2', role: 'server', cores: 4, memoryMiB: 8192 },
    { name: 'node-1', address: '192.0.2.3', role: 'agent', cores: 4, memoryMiB: 8192 },
    { name: 'node-2', address: '192.0.2.4', role: 'agent', cores: 4, memoryMiB: 8192 },
  ],
  reserve: { server: { cpuMillicores: 500, memoryMiB: 1280 }, agent: { cpuMillicores: 200, memoryMiB: 768 } },
};

/** What the owners of the sound platform have agreed to. */
const REVIEWED: ReviewedFacts = {
  ...NOTHING_REVIEWED,
  projects: {
    shop: {
      namespaces: ['shop'],
      namespacedKinds: [],
      clusterKinds: [],
    },
  },
  chartRepositories: ['https://charts.example.com'],
  administrators: [],
};

/** A fresh copy, to be broken in one place. */
export function soundPlatform(): SoundPlatform {
  const files = [
    { path: 'platform/namespace.yaml', component: 'namespace', objects: [namespace(), quota()] },
    { path: 'platform/web.yaml', component: 'web', objects: [webSettings(), webService(), webBudget()] },
    { path: 'platform/gateway.yaml', component: 'gateway', objects: gateway() },
    { path: 'platform/database.yaml', component: 'database', objects: database() },
    { path: 'platform/pooler.yaml', component: 'pooler', objects: pooler() },
    { path: 'platform/backup.yaml', component: 'backup', objects: [backup()] },
    { path: 'platform/gatekeeper.yaml', component: 'gatekeeper', objects: gatekeeper() },
    { path: 'platform/network.yaml', component: 'network', objects: policies() },
    { path: 'workloads/production/web.yaml', component: 'web', objects: [webDeployment(), webAutoscaler()] },
  ];
  const secret = (name: string, keys: string[], readers: string[]) => ({
    name,
    namespace: 'shop',
    keys: keys.map((key) => ({ name: key, description: `the ${key}` })),
    readers,
  });
  return {
    files,
    model: {
      trees: [
        { directory: 'platform', app: undefined },
        { directory: 'workloads/production', app: undefined, alongside: ['platform'] },
      ],
      files: [],
      inventory,
      secrets: [secret('database', ['username', 'password'], ['web', 'database', 'pooler'])],
      connections: [],
      exceptions: [],
      reservations: [],
      reviewed: structuredClone(REVIEWED),
      images: {
        registries: ['docker.io'],
        outside: [],
        digestPending: ['web', 'pooler', 'database', 'backup', 'gatekeeper'].map((name) => `docker.io/example/${name}`),
      },
    },
  };
}

/** The object of that kind and name. */
export function find({ files }: SoundPlatform, label: string): Loose {
  const object = files
    .flatMap((file) => file.objects)
    .find(({ kind, metadata }) => `${kind}/${metadata.name}` === label);
  if (!object) throw new Error(`the sound platform has no ${label}`);
  return object;
}

/** The same platform as charts, for tests that go through synthesis. */
export function asModel({ model, files }: SoundPlatform): PlatformModel {
  const trees = model.trees.map((tree: { directory: string }) => {
    const app = new App();
    for (const file of files.filter(({ path }) => path.startsWith(`${tree.directory}/`))) {
      const chart = new Chart(app, file.component, { disableResourceNameHashes: true });
      file.objects.forEach((object: KubernetesObject, index) => new ApiObject(chart, String(index), object as Loose));
    }
    return { ...tree, app };
  });
  return { ...model, trees } as PlatformModel;
}

/** As rendering leaves them: without undefined fields. */
export function asFiles({ files }: SoundPlatform): RenderedFile[] {
  return JSON.parse(JSON.stringify(files)) as RenderedFile[];
}
