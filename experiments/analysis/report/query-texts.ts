import { join, relative } from 'node:path';
import type { CampaignAnalysis } from '../measurement/analyse';
import type { RecordedTrial } from '../measurement/campaign-input';
import { LOAD_WINDOWS } from '../measurement/settings';
import { scheduleOf } from '../measurement/trial/own-load';
import {
  bootstrapQuery,
  clockQuery,
  CREATE_TABLES,
  failuresQuery,
  metricsQuery,
  movingQuery,
  phasesQuery,
  podsQuery,
  pooledQuery,
  replicaRowsQuery,
  replicasQuery,
  requestsQuery,
  resourcesQuery,
  scheduleQuery,
  secondsQuery,
  summaryQuery,
  windowsQuery,
  type QueryName,
} from '../measurement/trial/queries';

/** Every query as it ran for the campaign's first cell, with paths relative to the campaign. */
export function queryTexts({ path, cells, settings }: CampaignAnalysis): Record<QueryName, string> {
  const cell = cells[0];
  const { input, series } = cell.trials[0];
  const seconds = series.offered.length;
  const objective = settings.objectiveMs[cell.testType];
  const slots = cell.trials.map((_, slot) => slot);
  const file = (name: 'samples' | 'replicas' | 'metrics') => relative(path, join(input.files[name]));
  return {
    requests: CREATE_TABLES + requestsQuery(0, file('samples')),
    seconds: secondsQuery(0, settings, seconds),
    moving: movingQuery(0, settings, seconds),
    summary: summaryQuery(0, objective),
    failures: failuresQuery(0),
    clock: clockQuery(0, input.plan.generator.timeoutSeconds),
    schedule: scheduleText(input),
    replicas: replicasQuery(0, file('replicas'), input.record.scheduledSeconds) + ';\n' + replicaRowsQuery(0),
    pods: podsQuery(0, input.record.scheduledSeconds),
    metrics: metricsQuery(file('metrics')),
    phases: phasesQuery(file('samples')),
    resources: resourcesQuery(file('metrics'), seconds),
    pooled: pooledQuery(slots),
    bootstrap: bootstrapQuery(slots),
    windows: windowsQuery(
      slots,
      Object.values(cell.pooled?.percentiles ?? {}).flatMap((interval) => (interval === null ? [] : [interval.value])),
      input.record.scheduledSeconds / LOAD_WINDOWS,
    ),
  };
}

function scheduleText(input: RecordedTrial): string {
  const schedule = input.atRandom ? undefined : scheduleOf(input);
  return schedule === undefined ? 'SELECT 0 AS unscheduled, 0 AS repeated' : scheduleQuery(0, schedule);
}
