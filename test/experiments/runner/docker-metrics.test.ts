import { pointsOf } from '../../../experiments/runner/sites/compose/docker-metrics';

const services = new Map([['p-django-api-1', 'django-api']]);
const line = (more: Record<string, string>) =>
  JSON.stringify({
    ...{ Name: 'p-django-api-1', CPUPerc: '12.50%', MemUsage: '120.5MiB / 7.8GiB' },
    ...{ NetIO: '1.2MB / 800kB', BlockIO: '4.1MB / 0B' },
    ...more,
  });

/** Values by metric of each of some looks, two seconds apart. */
function looks(...lines: readonly string[]): Record<string, number>[] {
  const counters = new Map();
  return lines.map((one, look) =>
    Object.fromEntries(pointsOf(one, look * 2000, services, counters).map(({ metric, value }) => [metric, value])),
  );
}

test('traffic is the difference between two looks, in decimal units', () => {
  const [first, second] = looks(line({}), line({ NetIO: '1.2MB / 1.8MB', BlockIO: '4.1MB / 512B' }));
  expect(first).toEqual({ container_cpu_cores: 0.125, container_memory_bytes: 120.5 * 2 ** 20, container_count: 1 });
  expect(second!['pod_network_bytes_per_second']).toBe(500_000);
  expect(second!['container_disk_bytes_per_second']).toBe(256);
});

test('a counter that a restart has set back gives no rate, and counts again from there', () => {
  const [, restarted, after] = looks(line({}), line({ NetIO: '0B / 0B' }), line({ NetIO: '2kB / 2kB' }));
  expect(restarted).not.toHaveProperty('pod_network_bytes_per_second');
  expect(after!['pod_network_bytes_per_second']).toBe(2000);
});

test('an engine that tells of no traffic leaves it unknown', () => {
  for (const NetIO of ['-- / --', '']) {
    const [, second] = looks(line({ NetIO }), line({ NetIO }));
    expect(second).not.toHaveProperty('pod_network_bytes_per_second');
    expect(second!['container_cpu_cores']).toBe(0.125);
  }
});
