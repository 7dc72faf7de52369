import { ConfigFiles } from '../../../../lib/constructs/config-files';
import { serviceEndpoint } from '../../../../lib/constructs/network/endpoint';
import { scratch } from '../../../../lib/constructs/pod/volume';
import { Secret } from '../../../../lib/kubernetes/secret';
import { WebService } from '../../../../lib/constructs/workload/web-service';
import { kindsOf, only, RESOURCES, sampleComponent } from '../sample';

it('says whom it calls and which Secrets it reads, by whatever way', () => {
  const component = sampleComponent();
  const read = (name: string) => new Secret(name, { token: { description: 'A token.' } }).key('token');
  new WebService(component, {
    image: 'example/server:1.2.3',
    port: 9000,
    probes: '/healthz',
    resources: RESOURCES,
    environment: { TOKEN: read('in-environment') },
    mounts: [{ kind: 'secret', reference: read('in-folder'), path: '/etc/secret' }],
    connects: [serviceEndpoint('database', 5432)],
  });
  expect(component.edges).toEqual([{ from: 'sample', to: 'database', port: 5432, protocol: 'TCP' }]);
  expect(component.reading.map(({ reader, reference }) => [reader, reference.secret.name]).sort()).toEqual([
    ['sample', 'in-environment'],
    ['sample', 'in-folder'],
  ]);
});

describe('a web service with no more than it needs', () => {
  const component = sampleComponent();
  new WebService(component, { image: 'example/server:1.2.3', port: 9000, probes: '/healthz', resources: RESOURCES });

  it('is one pod, without a budget that would only block drains and without an autoscaler', () => {
    expect(kindsOf(component)).toEqual(['Deployment/sample', 'Service/sample']);
    expect(only(component, 'Deployment').spec.replicas).toBe(1);
  });
});

describe('the number of pods', () => {
  const withReplicas = (replicas: number) => {
    const component = sampleComponent();
    new WebService(component, { image: 'a:1', port: 1, probes: '/', resources: RESOURCES, replicas });
    return component;
  };

  it('above one brings a disruption budget and spreads over hosts', () => {
    const component = withReplicas(2);
    expect(only(component, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    expect(only(component, 'Deployment').spec.template.spec.topologySpreadConstraints).toHaveLength(1);
  });

  it.each([0, -1, 1.5, Number.NaN])('cannot be %d', (replicas) => {
    expect(() => withReplicas(replicas)).toThrow(
      new Error(`sample: replicas: ${replicas} is not a whole number above 0; write how many pods shall run.`),
    );
  });
});

it('a limit below its request is refused', () => {
  const resources = { ...RESOURCES, memory: { request: '128Mi', limit: '64Mi' } };
  expect(() => new WebService(sampleComponent(), { image: 'a:1', port: 1, probes: '/', resources })).toThrow(
    new Error(
      'sample: container sample: resources.memory: the limit 64Mi is below the request 128Mi; raise it to at least the request.',
    ),
  );
});

it('two mounts that would be one volume are refused', () => {
  const mounts = [scratch('/a/b', '1Mi'), scratch('/a-b', '2Mi')];
  expect(
    () => new WebService(sampleComponent(), { image: 'a:1', port: 1, probes: '/', resources: RESOURCES, mounts }),
  ).toThrow(new Error('sample: two mounts need a volume called "a-b"; give one of them another path or name.'));
});

it('a changed configuration changes the pods', () => {
  const checksumOf = (content: string) => {
    const component = sampleComponent();
    const config = new ConfigFiles(component, 'sample-config', { 'app.conf': content });
    const mounts = [{ kind: 'config', config, path: '/etc/app' } as const];
    new WebService(component, { image: 'a:1', port: 1, probes: '/', resources: RESOURCES, mounts });
    return only(component, 'Deployment').spec.template.metadata.annotations['checksum/config'];
  };
  expect(checksumOf('a')).toBe(checksumOf('a'));
  expect(checksumOf('a')).not.toBe(checksumOf('b'));
});
