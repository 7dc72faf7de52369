import type { Kubectl } from './kubectl';

/** Each kubelet renews its node's lease every 10 s (nodeLeaseDurationSeconds / 4), so all are heard within this time. */
const PATIENCE_MS = 25_000;

/**
 * Clock of every node minus this machine's, seconds. A kubelet stamps its lease with its own clock when it renews it; the
 * stamp is compared with the moment at which the change arrives here, so an offset is good to some ten milliseconds.
 */
export async function nodeClockOffsets(kubectl: Kubectl): Promise<ReadonlyMap<string, number>> {
  const names = await kubectl.run('get', 'nodes', '-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}');
  const missing = new Set(names.split('\n').filter((name) => name !== ''));
  const offsets = new Map<string, number>();
  await new Promise<void>((resolve) => {
    const stop = kubectl.watch(
      ['leases', '--namespace', 'kube-node-lease'],
      '{.type} {.object.metadata.name} {.object.spec.renewTime}',
      (line) => {
        const [type, node, renewed] = line.split(' ');
        if (type !== 'MODIFIED' || !missing.has(node!)) return; // The first list tells of renewals long past.
        offsets.set(node!, (Date.parse(renewed!) - Date.now()) / 1000);
        missing.delete(node!);
        if (missing.size === 0) finish();
      },
      () => finish(),
    );
    const timer = setTimeout(() => finish(), PATIENCE_MS);
    const finish = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
  });
  for (const node of missing) offsets.set(`${node} (not heard of)`, Infinity);
  return offsets;
}
