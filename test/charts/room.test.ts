import type { LooseObject } from '../fixtures/loose';
import { checkPlatform } from '../../lib/checks';
import type { RenderedFile } from '../../lib/kubernetes/object';
import { folderOf } from '../../lib/kubernetes/object';
import { committedInventory } from '../../facts/inventory';
import { platformFiles, platformModel } from './rendered';

/** What has no room, as `folder object`. */
function withoutRoom(files: readonly RenderedFile[], hosts = committedInventory().hosts): string[] {
  const inventory = { ...committedInventory(), hosts };
  return checkPlatform({ ...platformModel, inventory }, files)
    .filter(({ rule }) => rule === 'pods-fit-the-nodes' || rule.includes('exception'))
    .map(({ file, object, message }) => `${file} ${object}: ${message}`);
}

/** The files with another maximum of replicas in one variant. */
function withReplicas(variant: string, maxReplicas: number): RenderedFile[] {
  const changed = (object: LooseObject) =>
    object.kind === 'HorizontalPodAutoscaler' && object.metadata.name === 'django-api'
      ? { ...object, spec: { ...object.spec, maxReplicas } }
      : object;
  return platformFiles.map((file) =>
    folderOf(file) === `workloads/${variant}` ? { ...file, objects: file.objects.map(changed) } : file,
  );
}

test('sixty pods of one core have no room in production, and are refused there', () => {
  expect(withoutRoom(platformFiles)).toEqual([]);
  const found = withoutRoom(withReplicas('production', 60));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/django-api.*of 60 pods/);
});

test('a row of the experiments may ask for more than there is', () => {
  expect(withoutRoom(withReplicas('uor-minimum-2', 60))).toEqual([]);
});

test.each([
  ['one worker more', 8],
  ['ten workers more', 17],
])('with %s nothing is to be changed', (_, nodes) => {
  const { hosts } = committedInventory();
  const more = Array.from({ length: nodes - 7 }, (__, index) => ({
    ...hosts.at(-1)!,
    name: `worker-${7 + index}`,
    address: `192.168.100.${128 + index}`,
  }));
  expect(withoutRoom(platformFiles, [...hosts, ...more])).toEqual([]);
});
