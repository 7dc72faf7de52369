import type { LooseObject } from '../fixtures/loose';
import { folderOf } from '../../lib/kubernetes/object';
import { inPlatform, platformFiles } from './rendered';

const objects = platformFiles
  .filter((file) => ['platform', 'workloads/production'].includes(folderOf(file)))
  .flatMap((file): readonly LooseObject[] => file.objects);

interface Pod {
  name: string;
  template: LooseObject;
}
const pods: Pod[] = objects.flatMap((object) => {
  const template = object.spec?.template ?? object.spec?.jobTemplate?.spec.template;
  return template ? [{ name: `${object.kind}/${object.metadata.name}`, template }] : [];
});

describe('the namespace', () => {
  it('enforces the restricted Pod Security Standard', () => {
    expect(inPlatform('Namespace', 'ahuora').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
  });

  it('denies every connection that no component declares', () => {
    expect(inPlatform('NetworkPolicy', 'default-deny').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });
});

describe.each(pods.map(({ name, template }) => [name, template] as const))('%s', (_name, template) => {
  it('runs as a numeric non-root user without a token, on arm64', () => {
    expect(template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: expect.any(Number),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(template.spec.automountServiceAccountToken).toBe(false);
    expect(template.spec.nodeSelector['kubernetes.io/arch']).toBe('arm64');
  });

  it('has a read-only root, no capability, requests and limits in every container', () => {
    for (const container of [...template.spec.containers, ...(template.spec.initContainers ?? [])]) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      });
      expect(Object.keys(container.resources.requests).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
      expect(Object.keys(container.resources.limits).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
    }
  });

  it('is allowed by a network policy of its own', () => {
    const name = template.metadata.labels!['app.kubernetes.io/name']!;
    // It talks to nobody: the default policy is its own.
    if (name === 'wait-for-platform') return;
    expect(inPlatform('NetworkPolicy', name).spec.podSelector.matchLabels).toEqual({ 'app.kubernetes.io/name': name });
  });
});

it('no field is empty, but where Kubernetes means everything or nothing by it', () => {
  const empty: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Object.keys(value).length === 0) empty.push(path);
    for (const [key, child] of Object.entries(value)) walk(child, `${path}.${key}`);
  };
  for (const object of objects) walk(object, `${object.kind}/${object.metadata.name}`);
  expect(empty).toEqual(['NetworkPolicy/default-deny.spec.podSelector']);
});
