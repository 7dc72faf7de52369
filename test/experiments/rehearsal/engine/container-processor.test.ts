import { ContainerProcessor } from '../../../../experiments/rehearsal/engine/container-processor';
import { EventQueue } from '../../../../experiments/rehearsal/engine/event-queue';
import { NodeProcessor } from '../../../../experiments/rehearsal/engine/node-processor';

/** A node of some cores, and containers on it that note when each job ends. */
function machine(cores: number) {
  const queue = new EventQueue(0);
  const node = new NodeProcessor(queue, cores, 1);
  const ends = new Map<number, number>();
  const container = (options: { weight?: number; limit?: number; parallelism?: number; phase?: number } = {}) =>
    new ContainerProcessor(
      node,
      options.weight ?? 1000,
      options.limit ?? Infinity,
      options.parallelism ?? Infinity,
      options.phase ?? 0,
      1,
      (job, now) => ends.set(job, now),
    );
  const run = () => queue.runUntil(1000, () => false);
  return { container, ends, run, node };
}

test('one job has a core to itself; two jobs of one process share it', () => {
  const { container, ends, run } = machine(4);
  const single = container({ parallelism: 1 });
  single.start(1, 1);
  single.start(2, 2);
  run();
  expect(ends.get(1)).toBeCloseTo(2, 9);
  expect(ends.get(2)).toBeCloseTo(3, 9);
  expect(single.usedAt(1000)).toBeCloseTo(3, 9);
});

test('containers that want more cores than the node has get them by their shares', () => {
  const { container, ends, run } = machine(3);
  const large = container({ weight: 2000, parallelism: 2 });
  const small = container({ weight: 1000, parallelism: 2 });
  for (const job of [1, 2]) large.start(job, 1);
  for (const job of [3, 4]) small.start(job, 1);
  run();
  // The large one gets its two cores for a second, the small one a core for two threads; then both have enough.
  expect(ends.get(2)).toBeCloseTo(1, 9);
  expect(ends.get(4)).toBeCloseTo(1.5, 9);
});

test('a limit of half a core lets a short job pass and stops a long one every 100 ms', () => {
  const { container, ends, run } = machine(4);
  const limited = container({ limit: 0.5 });
  limited.start(1, 0.04);
  limited.start(2, 0.12);
  run();
  // Two threads burn the 50 ms of the first period in 25 ms, those of the second up to the first one's end, and so on.
  expect(ends.get(1)).toBeCloseTo(0.115, 9);
  expect(ends.get(2)).toBeCloseTo(0.31, 9);
});

test('work that outlives its container is handed back', () => {
  const { container, ends, run, node } = machine(2);
  const one = container();
  one.start(7, 5);
  one.start(8, 5);
  expect(one.kill().sort()).toEqual([7, 8]);
  run();
  expect(ends.size).toBe(0);
  expect(node.containers).toHaveLength(0);
});
