import { internet, tcp } from '../../../../lib/constructs/network/endpoint';
import { httpGet, usualProbes } from '../../../../lib/constructs/pod/probe';
import { WorkerService } from '../../../../lib/constructs/workload/worker-service';
import { kindsOf, RESOURCES, sampleComponent } from '../sample';

it('of three pods has a budget but no Service', () => {
  const component = sampleComponent();
  new WorkerService(component, {
    image: 'example/worker:1.2.3',
    args: ['work'],
    ports: [{ name: 'metrics', port: 2000 }],
    probes: usualProbes(httpGet('/ready', 2000)),
    environment: { MODE: 'test' },
    resources: RESOURCES,
    replicas: 3,
    connects: [internet('world', tcp(443))],
  });
  expect(kindsOf(component)).toEqual(['Deployment/sample', 'PodDisruptionBudget/sample']);
  expect(component.edges).toEqual([{ from: 'sample', to: 'world', port: 443, protocol: 'TCP' }]);
});

it('with none it is one Deployment', () => {
  const component = sampleComponent();
  new WorkerService(component, { image: 'example/worker:1.2.3', resources: RESOURCES });
  expect(kindsOf(component)).toEqual(['Deployment/sample']);
  expect(component.edges).toEqual([]);
});
