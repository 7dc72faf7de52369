import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest, METRIC_COLUMNS, REPLICA_COLUMNS, SAMPLE_COLUMNS, type ColumnType } from '../../../campaign';
import { caveats } from '../../measurement/caveats';
import type { CampaignAnalysis } from '../../measurement/analyse';

const TYPES: Readonly<Record<ColumnType, string>> = {
  DOUBLE: 'number',
  FLOAT: 'number',
  INTEGER: 'integer',
  SMALLINT: 'integer',
  VARCHAR: 'string',
  BOOLEAN: 'boolean',
};

const JSON_FILE = { format: 'json', mediatype: 'application/json' };
const PARQUET_FILE = { format: 'parquet', mediatype: 'application/vnd.apache.parquet' };

/** What a campaign may hold beside its trials. */
const OWN_FILES = [
  { name: 'campaign', path: 'campaign.json', title: 'Seed, commit, settings and surroundings', ...JSON_FILE },
  { name: 'plan', path: 'plan.json', title: 'The plan that the campaign began with', ...JSON_FILE },
  {
    name: 'journal',
    path: 'journal.jsonl',
    title: 'What the runner did, a line an event',
    format: 'jsonl',
    mediatype: 'application/jsonl',
  },
];

/** What every attempt holds. */
const TRIAL_FILES = [
  { name: 'trial', file: 'trial.json', ...JSON_FILE },
  { name: 'samples', file: 'samples.parquet', ...PARQUET_FILE, schema: schemaOf(SAMPLE_COLUMNS) },
  { name: 'replicas', file: 'replicas.parquet', ...PARQUET_FILE, schema: schemaOf(REPLICA_COLUMNS) },
  { name: 'metrics', file: 'metrics.parquet', ...PARQUET_FILE, schema: schemaOf(METRIC_COLUMNS) },
];

/**
 * A description of the campaign's folder for an archive, as a Frictionless data package: what each file is, its size and
 * digest, and what its columns hold. It goes into the folder as `datapackage.json`.
 * (https://specs.frictionlessdata.io/data-package/)
 */
export async function dataPackage(analysis: CampaignAnalysis): Promise<string> {
  const { path, manifest, cells, setAside } = analysis;
  const inputs = [...cells.flatMap(({ trials }) => trials.map(({ input }) => input)), ...setAside];
  const described = [
    ...OWN_FILES.filter((one) => existsSync(join(path, one.path))),
    ...inputs.flatMap(({ folder }) =>
      TRIAL_FILES.map(({ name, file, ...rest }) => ({
        name: `${folder}.${name}`.toLowerCase(),
        path: `trials/${folder}/${file}`,
        ...rest,
      })),
    ),
  ];
  const resources = [];
  for (const one of described) {
    const file = join(path, one.path);
    resources.push({ ...one, bytes: statSync(file).size, hash: `sha256:${await fileDigest(file)}` });
  }
  const remarks = caveats(analysis).map(({ text }) => text);
  const description = {
    profile: 'data-package',
    name: manifest.campaign.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-'),
    title: `Campaign ${manifest.campaign} of the Ahuora platform's experiments (${manifest.origin})`,
    ...(remarks.length === 0 ? {} : { description: remarks.join(' ') }),
    created: manifest.createdAt,
    version: manifest.gitCommit,
    resources,
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

function schemaOf(columns: Readonly<Record<string, ColumnType>>) {
  return { fields: Object.entries(columns).map(([name, type]) => ({ name, type: TYPES[type] })) };
}
