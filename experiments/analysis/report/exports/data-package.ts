import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { METRIC_COLUMNS, REPLICA_COLUMNS, SAMPLE_COLUMNS, type ColumnType } from '../../../campaign';
import type { CampaignAnalysis } from '../../measurement/analyse';

const TYPES: Readonly<Record<ColumnType, string>> = {
  DOUBLE: 'number',
  FLOAT: 'number',
  INTEGER: 'integer',
  SMALLINT: 'integer',
  VARCHAR: 'string',
  BOOLEAN: 'boolean',
};

const TABLES = { samples: SAMPLE_COLUMNS, replicas: REPLICA_COLUMNS, metrics: METRIC_COLUMNS } as const;

/**
 * A description of the campaign's folder for an archive, as a Frictionless data package: what each file is, and what its
 * columns hold. It goes into the folder as `datapackage.json`. (https://specs.frictionlessdata.io/data-package/)
 */
export function dataPackage({ path, manifest, cells, setAside }: CampaignAnalysis): string {
  const inputs = [...cells.flatMap(({ trials }) => trials.map(({ input }) => input)), ...setAside];
  const description = {
    profile: 'data-package',
    name: manifest.campaign.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-'),
    title: `Campaign ${manifest.campaign} of the Ahuora platform's experiments (${manifest.origin})`,
    created: manifest.createdAt,
    version: manifest.gitCommit,
    resources: [
      { name: 'campaign', path: 'campaign.json', format: 'json', mediatype: 'application/json' },
      ...inputs.flatMap(({ folder, files }) =>
        Object.entries(TABLES).map(([name, columns]) => ({
          name: `${folder}.${name}`.toLowerCase(),
          path: relative(path, files[name as keyof typeof files]),
          format: 'parquet',
          mediatype: 'application/vnd.apache.parquet',
          bytes: statSync(join(files[name as keyof typeof files])).size,
          schema: { fields: Object.entries(columns).map(([field, type]) => ({ name: field, type: TYPES[type] })) },
        })),
      ),
    ],
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
