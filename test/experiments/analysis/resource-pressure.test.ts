import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import { resourcePressureAnswer } from '../../../experiments/analysis/answers/questions/resource-pressure';
import type { Answer } from '../../../experiments/analysis/answers/model';
import type { Trial } from '../../../experiments/plan';
import { writeCampaign, type MetricRow } from './queueing-campaign';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'resource-pressure-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const text = ({ sentences }: Answer) =>
  sentences.map((one) => one.map((part) => (typeof part === 'string' ? part : part.text)).join('')).join('\n');

async function answerOf(name: string, moreMetrics?: (trial: Trial) => readonly MetricRow[]): Promise<Answer> {
  const campaign = join(root, name);
  writeCampaign(campaign, {
    scale: { rate: 0.5, duration: 0.1 },
    only: ({ id }) => /^(replica-count\.uor\.uor-replicas-[12]|benchmark\.uor\.uor-benchmark-compose)\.spike/.test(id),
    ...(moreMetrics === undefined ? {} : { moreMetrics }),
  });
  return resourcePressureAnswer(await analyseCampaign(campaign));
}

/** One metric of one container every five seconds of a load of 24 s, and once after it, when it is out of all proportion. */
const during = (metric: string, container: string | null, values: readonly number[]): MetricRow[] =>
  [...values, metric.endsWith('_ratio') ? 1 : 1e6].map((value, index) => ({
    at: index * 5,
    metric,
    node: null,
    container,
    value,
  }));

test('what held pods up is told of the cell where it was most, and what a site cannot tell is named', async () => {
  const answer = await answerOf('known', ({ variant }) => {
    if (variant.site === 'compose')
      return during('container_disk_bytes_per_second', 'postgres', [2 ** 21, 2 ** 21, 2 ** 21, 2 ** 21, 2 ** 21]);
    const throttled = variant.name === 'uor-replicas-1' ? 0.4 : 0.1;
    return [
      ...during('container_cfs_throttled_ratio', 'django-api', [0, throttled, 0.05, 0, 0]),
      ...during('container_cfs_throttled_ratio', 'postgres', [0.9, 0.9, 0.9, 0.9, 0.9]), // Not under load by itself.
      ...during('pgbouncer_waiting_clients', null, [0, 0, 0, 0, 0]),
    ];
  });
  const told = text(answer);
  expect(told).toContain(
    'Most throttled container: the highest estimate is that of replicas-1 under spike, 40 (40 to 40) % of CFS periods (the intervals of 0 of the 1 other overlap it).',
  );
  expect(told).toContain('Most clients waiting at PgBouncer: 0 wherever it is known.');
  expect(told).toContain(
    'Disk traffic of containers: the highest estimate is that of benchmark-compose under spike, 2 (2 to 2) MiB/s.',
  );
  expect(told).toMatch(/Not known on the cluster: disk traffic of containers \(.*\); network traffic of pods/);
  expect(told).toMatch(/Not known under Docker Compose: most throttled container .*clients waiting/);
  expect(answer.tables[0]!.rows).toHaveLength(3);
});

test('where nothing is known the answer says what has to be delivered', async () => {
  const { sentences, unanswerable } = await answerOf('unknown');
  expect(sentences).toEqual([]);
  expect(unanswerable).toContain('pgbouncer_pools_client_waiting_connections');
});
