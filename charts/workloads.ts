import type { App } from 'cdk8s';
import type { WorkloadVariant } from '../lib/workload-variant';
import { DatabaseMigration } from './database-migration';
import { DjangoApiWorkload } from './django-api';
import { IdaesWorkload } from './idaes';
import { separateOutput, type Platform } from './platform';

/**
 * One variant of the workloads under experiment: Deployment and autoscaler of the API and of the solver, and the migration
 * that must precede a new API. Everything else of the two components is in `dist/platform`.
 */
export function renderWorkloads(platform: Platform, variant: WorkloadVariant<'django-api' | 'idaes'>): App {
  const output = separateOutput(platform);
  new DatabaseMigration(output);
  new DjangoApiWorkload(output, variant.settings['django-api']);
  new IdaesWorkload(output, variant.settings.idaes);
  return output.app;
}
