import type { App } from 'cdk8s';
import { renderFiles } from '../../../../lib/synthesis/render';
import { yamlOf } from '../yaml-of';
import { fixtures, SAMPLES, type Fixtures } from './samples';

/** The objects of the construct alone, without those that its arguments name. */
function yamlOfConstruct(name: string, argumentsFor: (given: Fixtures) => unknown[]): string {
  const given = fixtures();
  const app = given.component.node.root as App;
  const objects = () => renderFiles({ trees: [{ directory: 'out', app }] }).flatMap((file) => file.objects);
  const before = new Set(objects().map((object) => JSON.stringify(object)));
  new SAMPLES[name]!.construct(given.component, ...argumentsFor(given));
  return yamlOf(objects().filter((object) => !before.has(JSON.stringify(object))));
}

describe.each(Object.keys(SAMPLES))('%s', (name) => {
  it('with no more than it needs', () => {
    expect(yamlOfConstruct(name, SAMPLES[name]!.none)).toMatchSnapshot();
  });

  it('with all props', () => {
    expect(yamlOfConstruct(name, SAMPLES[name]!.all[0]!)).toMatchSnapshot();
  });
});
