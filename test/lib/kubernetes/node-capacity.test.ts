import { join } from 'node:path';
import { parseQuantity } from '../../../lib/kubernetes/quantity';
import { nodesOfCluster } from '../../../lib/kubernetes/node-capacity';
import { readInventory } from '../../../facts/inventory';
import { nodeObjects } from '../../cluster/nodes';

test('the capacity check offers pods what each node’s kubelet reports, by the flags that Ansible gives it', () => {
  const inventory = readInventory(join(__dirname, '../../../ansible/inventory/hosts.yml'));
  const counted = nodesOfCluster(inventory).map(({ name, cpuMillicores, memoryMiB }) => ({
    name,
    cpuMillicores,
    memoryMiB,
  }));
  const reported = nodeObjects().map(({ metadata, status: { allocatable } }) => ({
    name: metadata.name,
    cpuMillicores: Math.round(parseQuantity(allocatable.cpu)! * 1000),
    memoryMiB: parseQuantity(allocatable.memory)! / 2 ** 20,
  }));
  expect(counted).toEqual(reported);
  expect(counted).toContainEqual({ name: 'worker-1', cpuMillicores: 3800, memoryMiB: 7424 });
});
