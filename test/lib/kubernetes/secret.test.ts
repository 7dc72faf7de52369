import { App, Chart } from 'cdk8s';
import { Component } from '../../../lib/constructs/component';
import { componentsOf, modelParts } from '../../../lib/constructs/model-parts';
import { Secret } from '../../../lib/kubernetes/secret';
import { RESOURCES, objectsOf } from '../constructs/sample';
import { WorkerService } from '../../../lib/constructs/workload/worker-service';

const secret = new Secret('vault', {
  token: { description: 'A token.', generate: { length: 20, alphabet: 'alphanumeric' } },
  name: { description: 'A name.' },
});

function reader(app: App, name: string, from: Secret<string>): Component {
  const component = new Component(app, name, { namespace: 'space', partOf: 'system', syncWave: 0 });
  new WorkerService(component, { image: 'a:1', resources: RESOURCES, environment: { TOKEN: from.key('token') } });
  return component;
}

it('a contract lists its keys in order and everybody who reads it, and no value', () => {
  const app = new App();
  reader(app, 'second', secret);
  reader(app, 'first', secret);
  expect(modelParts(componentsOf(app)).secrets).toEqual([
    {
      name: 'vault',
      namespace: 'space',
      keys: [
        { name: 'token', description: 'A token.', generate: { length: 20, alphabet: 'alphanumeric' } },
        { name: 'name', description: 'A name.' },
      ],
      readers: ['first', 'second'],
    },
  ]);
});

it('a chart that is no component declares nothing', () => {
  const app = new App();
  new Chart(app, 'plain');
  reader(app, 'first', secret);
  expect(componentsOf(app).map(({ name }) => name)).toEqual(['first']);
});

it('no Secret object is ever rendered', () => {
  const component = reader(new App(), 'first', secret);
  expect(objectsOf(component).map(({ kind }) => kind)).toEqual(['Deployment']);
});

it('a key that the contract does not have is refused', () => {
  expect(() => (secret as Secret<string>).key('tokn')).toThrow(
    new Error('secret vault: it has no key "tokn"; add it to the contract or use one of token, name.'),
  );
});

it('a key that only every object has is refused', () => {
  expect(() => (secret as Secret<string>).key('toString')).toThrow(/it has no key "toString"/);
});

it('two contracts of one name are refused', () => {
  const app = new App();
  reader(app, 'first', secret);
  reader(app, 'second', new Secret('vault', { token: { description: 'Another token.' } }));
  expect(() => modelParts(componentsOf(app))).toThrow(
    new Error(
      'Secret/vault: second and first declare it with different keys; declare it once, in facts/secrets.ts, and let both read that.',
    ),
  );
});
