import { volumesFile } from '../../../../lib/constructs/database/local-volume';
import { StatefulDatabase, type StatefulDatabaseProps } from '../../../../lib/constructs/database/stateful-database';
import { kindsOf, NODE, only, RESOURCES, sampleComponent } from '../sample';

const NEEDED: StatefulDatabaseProps = {
  image: 'example/database:1.2.3',
  port: 5432,
  portName: 'sql',
  resources: RESOURCES,
  runAs: { user: 999, group: 998 },
  data: { node: NODE, hostPath: '/srv/data', mountPath: '/data', size: '5Gi', storageClass: 'local' },
};

it('with no more than it needs, is one pod whose volume stays on its node', () => {
  const component = sampleComponent();
  const { endpoint } = new StatefulDatabase(component, NEEDED);
  expect(kindsOf(component)).toEqual(['PersistentVolume/sample', 'StatefulSet/sample', 'Service/sample']);
  expect(only(component, 'StatefulSet').spec.replicas).toBe(1);
  expect(JSON.stringify(only(component, 'PersistentVolume').spec.nodeAffinity)).toContain('node-1');
  expect(only(component, 'PersistentVolume').metadata).not.toHaveProperty('namespace');
  expect(endpoint).toMatchObject({ host: 'sample', port: 5432 });
});

it('names the folder that the node needs, and who owns it', () => {
  const component = sampleComponent();
  new StatefulDatabase(component, NEEDED);
  const { path, content } = volumesFile([component]);
  expect(path).toBe('volumes.json');
  expect(JSON.parse(content)).toEqual({
    volumes: [{ name: 'sample', node: 'node-1', path: '/srv/data', size: '5Gi', user: 999, group: 998 }],
  });
});
