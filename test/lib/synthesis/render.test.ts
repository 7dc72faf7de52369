import { ApiObject, App, Chart } from 'cdk8s';
import { renderFiles } from '../../../lib/synthesis/render';
import type { PlatformModel } from '../../../lib/constructs/platform-model';
import { EMPTY_MODEL } from './empty-model';

const modelOf = (...trees: [directory: string, app: App][]): PlatformModel => ({
  ...EMPTY_MODEL,
  trees: trees.map(([directory, app]) => ({ directory, app })),
});

const chart = (app: App, name: string) => new Chart(app, name, { disableResourceNameHashes: true });

describe('rendering', () => {
  it('names each file after its chart, in the order of their paths', () => {
    const [platform, workloads] = [new App(), new App()];
    chart(platform, 'web');
    chart(platform, 'gateway');
    chart(workloads, 'web');
    const paths = renderFiles(modelOf(['workloads/production', workloads], ['platform', platform])).map(
      ({ path }) => path,
    );
    expect(paths).toEqual(['platform/gateway.yaml', 'platform/web.yaml', 'workloads/production/web.yaml']);
  });

  it('keeps file names when charts depend on each other', () => {
    const app = new App();
    chart(app, 'web').addDependency(chart(app, 'database'));
    expect(renderFiles(modelOf(['platform', app])).map(({ path }) => path)).toEqual([
      'platform/database.yaml',
      'platform/web.yaml',
    ]);
  });

  it('refuses two charts that would be one file, in whatever scope they stand', () => {
    const app = new App();
    chart(app, 'web');
    new Chart(new Chart(app, 'group'), 'web');
    expect(() => renderFiles(modelOf(['platform', app]))).toThrow(
      new Error('group/web: web would be written to the same file web.yaml; rename one.'),
    );
  });

  it('puts what identifies a thing first, and the rest in alphabetical order', () => {
    const app = new App();
    const spec = { ports: [{ port: 80, name: 'http' }], clusterIP: 'None' };
    new ApiObject(chart(app, 'web'), 'service', {
      kind: 'Service',
      apiVersion: 'v1',
      spec,
      metadata: { namespace: 'shop', name: 'web' },
    } as never);
    const [file] = renderFiles(modelOf(['platform', app]));
    expect(JSON.stringify(file!.objects[0])).toBe(
      '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"None","ports":[{"name":"http","port":80}]}}',
    );
  });

  it('writes no empty labels and annotations', () => {
    const app = new App();
    new ApiObject(chart(app, 'web'), 'x', {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'x', labels: {}, annotations: {} },
    });
    expect(renderFiles(modelOf(['platform', app]))[0]!.objects[0]!.metadata).toEqual({ name: 'x' });
  });

  it('puts objects in the order in which the chart makes them', () => {
    const app = new App();
    const web = chart(app, 'web');
    for (const name of ['b', 'a', 'c'])
      new ApiObject(web, name, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } });
    expect(renderFiles(modelOf(['platform', app]))[0]!.objects.map(({ metadata }) => metadata.name)).toEqual([
      'b',
      'a',
      'c',
    ]);
  });
});
