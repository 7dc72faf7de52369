import { App } from 'cdk8s';
import { Component } from '../../../lib/constructs/component';
import { componentsOf, connectionsOf, modelParts } from '../../../lib/constructs/model-parts';
import { serviceEndpoint } from '../../../lib/constructs/network/endpoint';

function component(app: App, name: string): Component {
  return new Component(app, name, { namespace: 'space', partOf: 'system', syncWave: 0 });
}

it('collects the exceptions that components declare, with their reasons', () => {
  const app = new App();
  const exception = { rule: 'some-rule', object: 'Job/sample', reason: 'It cannot be otherwise.' };
  component(app, 'sample').except(exception);
  expect(modelParts(componentsOf(app)).exceptions).toEqual([exception]);
});

it('counts a connection once, however often it is declared', () => {
  const app = new App();
  const sample = component(app, 'sample');
  sample.connects([serviceEndpoint('store', 5432)]);
  sample.connects([serviceEndpoint('store', 5432)]);
  expect(connectionsOf(componentsOf(app))).toHaveLength(1);
  expect(modelParts(componentsOf(app)).connections).toEqual([
    { from: 'sample', to: 'store', port: 5432, protocol: 'TCP' },
  ]);
});

it('collects components of several outputs', () => {
  const [first, second] = [new App(), new App()];
  component(first, 'a');
  component(second, 'b');
  expect(componentsOf(first, second).map(({ name }) => name)).toEqual(['a', 'b']);
});

it('two components of one name in one output are refused', () => {
  const app = new App();
  component(app, 'sample');
  expect(() => component(app, 'sample')).toThrow(
    new Error('component sample: the same output has another of that name, and both would be one file; rename one.'),
  );
});
