import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { readTable, SAMPLE_COLUMNS } from '../../../experiments/campaign';
import { EXPERIMENTS, expandTrials } from '../../../experiments/plan';
import { FlowsheetClient } from '../../../experiments/runner/attempt/flowsheet';
import { loadOf } from '../../../experiments/runner/attempt/load-of-trial';
import { writeSamples } from '../../../experiments/runner/attempt/record/trial-tables';
import { EmbeddedGenerator, K6Generator, type LoadGenerator } from '../../../experiments/workload';
import { startReferenceApi, type ReferenceApi } from '../../fixtures/reference-api/start';
import { installK6StandIn } from '../../stand-ins/k6/install';

// The first start on a machine installs Postgres, PgBouncer and the Python environment.
jest.setTimeout(600_000);

const k6 = installK6StandIn();
const flowsheets = new FlowsheetClient();
let api: ReferenceApi;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'two-generators-'));
  api = await startReferenceApi({ tls: true, unitOperations: 5 });
});

afterAll(async () => {
  await api?.stop();
  k6.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('one trial against the reference API', () => {
  it('gives samples of the same schema and schedule with the k6 script (under the stand-in of k6) and with the embedded generator', async () => {
    const [trial] = expandTrials(EXPERIMENTS, 1, {
      variants: ['uor-replicas-1'],
      profiles: ['spike'],
      repetitions: 1,
    });
    const flowsheet = await flowsheets.create(api.url, 'two-generators');
    const load = loadOf(trial!, { seed: 1, scale: { rate: 0.25, duration: 1 / 120 } }, api.url, flowsheet);
    const run = async (generator: LoadGenerator) => {
      const file = join(folder, 'samples.parquet');
      const result = await generator.run(load);
      writeSamples(folder, load.trial, result.samples);
      const bytes = readFileSync(file);
      const { schema } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const rows = await readTable(file, SAMPLE_COLUMNS);
      rmSync(file);
      return { generator: result.generator, schema, rows };
    };
    const scripted = await run(new K6Generator(k6.command));
    const embedded = await run(new EmbeddedGenerator());
    await flowsheets.remove(api.url, 'two-generators');

    expect([scripted.generator, embedded.generator]).toEqual(['k6', 'embedded']);
    expect(scripted.schema).toEqual(embedded.schema);
    expect(scripted.rows).toHaveLength(20);
    expect(scripted.rows.map(({ scheduled_s }) => scheduled_s)).toEqual(
      embedded.rows.map(({ scheduled_s }) => scheduled_s),
    );
    for (const row of [...scripted.rows, ...embedded.rows]) {
      expect(Object.keys(row)).toEqual(Object.keys(SAMPLE_COLUMNS));
      expect(row).toMatchObject({ trial: trial!.id, status: 200, error: null });
      expect(row['tls_ms']).toBeGreaterThan(0);
      expect(row['waiting_ms']).toBeGreaterThan(0);
    }
  });
});
