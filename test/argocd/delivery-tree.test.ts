import type { Loose, LooseObject } from '../fixtures/loose';
import { parse } from 'yaml';
import { deliveryTrees, type DeliverySettings } from '../../argocd';
import { projectPermissions } from '../../facts/permissions';
import { checkPlatform } from '../../lib/checks';
import type { RenderedFile } from '../../lib/kubernetes/object';
import { renderFiles } from '../../lib/synthesis/render';
import { platformFiles } from '../charts/rendered';
import { EMPTY_MODEL } from '../lib/synthesis/empty-model';

type Spec = Loose;

const settings: DeliverySettings = {
  repositoryUrl: 'https://git.example/platform.git',
  branch: 'main',
  namespace: 'ahuora',
  workloadVariant: 'production',
  uplinkNode: 'control',
  outsideNameServers: ['192.0.2.53'],
  addresses: {
    server: '192.0.2.10',
    nodes: ['192.0.2.0/24'],
    podNetwork: '10.42.0.0/16',
    outsideNameServers: ['192.0.2.53'],
  },
  monitoring: {
    clusterName: 'test',
    remoteWriteUrl: 'https://metrics.example/api/prom/push',
    logsUrl: 'https://logs.example/loki/api/v1/push',
    probedUrl: 'https://sign-in.example/ping',
    credentials: { name: 'grafana-cloud', namespace: 'monitoring' },
    logCredentials: { name: 'grafana-cloud-logs', namespace: 'monitoring' },
    storageDevices: ['/dev/mmcblk0', '/dev/nvme0n1'],
  },
};

const render = () => renderFiles({ trees: deliveryTrees(settings) });

const objectsRendered = () => render().flatMap((file): readonly LooseObject[] => file.objects);

const objectNamed = (kind: string, name: string) => {
  const found = objectsRendered().find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`no ${kind}/${name}`);
  return found;
};

describe('dist/argocd', () => {
  test('monitoring keeps what it makes in a scope of its own', () => {
    const { app } = deliveryTrees(settings)[0]!;
    const paths = app.node.findAll().map(({ node }) => node.path);
    expect(paths.filter((path) => /^(project-)?monitoring(-namespace)?$/.test(path))).toEqual(['monitoring']);
    expect(paths).toEqual(expect.arrayContaining(['monitoring/monitoring', 'monitoring/project-monitoring']));
  });

  test('every Application names a project that exists and limits its repository and namespace', () => {
    const objects = objectsRendered();
    const applications = objects.filter((object) => object.kind === 'Application');
    expect(applications.map((application) => application.metadata.name).sort()).toEqual([
      'monitoring',
      'monitoring-guards',
      'platform',
      'root',
      'workloads',
    ]);
    for (const { spec } of applications) {
      const project = objects.find((object) => object.kind === 'AppProject' && object.metadata.name === spec.project);
      expect(project?.['spec'].sourceRepos).toContain(spec.source.repoURL);
    }
  });

  test('every Application heals itself, prunes, and never empties itself', () => {
    for (const name of ['root', 'platform', 'monitoring-guards', 'workloads', 'monitoring']) {
      expect(objectNamed('Application', name).spec.syncPolicy.automated).toEqual({
        enabled: true,
        prune: true,
        selfHeal: true,
        allowEmpty: false,
      });
    }
  });

  test('a field is left alone only with its reason beside it', () => {
    const applications = objectsRendered().filter((object) => object.kind === 'Application');
    for (const { spec } of applications) expect(spec.info?.length ?? 0).toBe(spec.ignoreDifferences?.length ?? 0);
    expect(objectNamed('Application', 'root').spec.ignoreDifferences).toHaveLength(1);
  });
});

/** Every part of an object, values of charts that are text included, with what holds it. */
function* partsOf(value: unknown): Iterable<Spec> {
  if (typeof value === 'string' && /^[\w-]+:(\n| )/.test(value)) yield* partsOf(parse(value));
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const each of Object.values(value)) yield* partsOf(each);
}

describe('names of the internet', () => {
  /** Pods, and what charts make pods of, that are kept on the node with the uplink: they are there to reach the internet. */
  const keptAtTheUplink = (files: readonly RenderedFile[]) =>
    files
      .flatMap((file) => file.objects)
      // The gateway is kept there for the tunnel, and calls nobody outside.
      .filter((object) => object.metadata.name !== 'traefik')
      .flatMap((object) => [...partsOf(object)].map((part) => ({ name: object.metadata.name, part })))
      .filter(({ part }) => part.nodeSelector?.['kubernetes.io/hostname'] === settings.uplinkNode);

  // CoreDNS may run on any node, and one without an uplink refuses them (docs/gateway.md).
  test('are asked by whatever is kept at the uplink past CoreDNS', () => {
    const found = keptAtTheUplink([...render(), ...platformFiles]);
    expect(new Set(found.map(({ name }) => name))).toEqual(
      new Set(['argo-cd', 'monitoring', 'cloudflared', 'oauth2-proxy']),
    );
    for (const { name, part } of found)
      expect([name, part.dnsPolicy === 'Default' || part.dnsConfig?.nameservers?.length > 0]).toEqual([name, true]);
  });
});

describe('the chart of Argo CD', () => {
  test('has time for its images over a mobile line, and an upgrade that fails uninstalls nothing', () => {
    const { spec } = objectNamed('HelmChart', 'argo-cd');
    expect(Number(/^(\d+)m$/.exec(spec.timeout)?.[1])).toBeGreaterThanOrEqual(15);
    expect(spec.failurePolicy).toBe('abort');
  });
});

describe('the AppProject', () => {
  test('is given what was agreed to, and nothing is computed from what is rendered', () => {
    const { spec } = objectNamed('AppProject', 'ahuora');
    expect(spec.namespaceResourceWhitelist).toEqual(projectPermissions.ahuora.namespacedKinds);
    expect(spec.clusterResourceWhitelist).toEqual(projectPermissions.ahuora.clusterKinds);
  });

  test('of the platform hands out no rights', () => {
    const { namespacedKinds, clusterKinds } = projectPermissions.ahuora;
    // A policy of admission refuses; it hands out nothing.
    const groups = [...namespacedKinds, ...clusterKinds].flatMap(({ group, kind }) =>
      /^ValidatingAdmissionPolicy/.test(kind) ? [] : [group],
    );
    expect(
      groups.filter((group) => /^(rbac|admissionregistration|apiextensions|apiregistration)\./.test(group)),
    ).toEqual([]);
  });
});

describe('against the CRDs of the pinned Argo CD', () => {
  const findings = (files: RenderedFile[]) =>
    checkPlatform(EMPTY_MODEL, files).filter(({ rule }) => rule === 'objects-match-their-schema');

  test('every object is valid', () => {
    expect(render().length).toBeGreaterThan(5);
    expect(findings(render())).toEqual([]);
  });

  test.each([
    ['Application', (spec: Spec) => (spec.syncPolicy.automated.selfHeal = 'yes'), 'spec.syncPolicy.automated.selfHeal'],
    ['Application', (spec: Spec) => delete spec.destination, 'spec.destination'],
    ['AppProject', (spec: Spec) => (spec.sourceRepositories = []), 'spec.sourceRepositories'],
  ])('a broken %s is refused', (kind, breakIt, field) => {
    const files = structuredClone(render());
    breakIt(files.flatMap((file) => file.objects).find((object) => object.kind === kind)!.spec);
    expect(findings(files)).toContainEqual(expect.objectContaining({ field }));
  });
});
