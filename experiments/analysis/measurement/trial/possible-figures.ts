import { isPossibleMetric, plannedVariant } from '../../../campaign';
import type { RecordedTrial } from '../campaign-input';
import type { Engine } from '../engine';
import { metricsQuery, podsQuery } from './queries';
import { counted } from '../../../../lib/primitives/counted';

interface PodCounts {
  readonly workload: string;
  readonly least: number | null;
  readonly most: number | null;
  readonly unknown: number;
}

interface MetricRange {
  readonly metric: string;
  readonly least: number | null;
  readonly most: number | null;
  readonly doubles: number;
}

type Row<T> = T & Record<string, number | string | null>;

/**
 * What cannot be in the replicas (loaded under `slot`) and the metrics of a trial, with the file that says so; undefined where all
 * can. The runner's gates see the same while a trial runs: here it is what a damaged or foreign file says.
 */
export async function whyImpossible(
  engine: Engine,
  slot: number,
  trial: RecordedTrial,
): Promise<{ readonly file: 'replicas' | 'metrics'; readonly reason: string } | undefined> {
  const counts = await engine.rows<Row<PodCounts>>(podsQuery(slot, trial.record.scheduledSeconds));
  const pods = counts.flatMap((one) => ofPods(one, trial) ?? []);
  if (pods.length > 0) return { file: 'replicas', reason: pods[0] };
  const ranges = await engine.rows<Row<MetricRange>>(metricsQuery(trial.files.metrics));
  const metrics = ranges.flatMap((one) => ofMetric(one) ?? []);
  return metrics.length > 0 ? { file: 'metrics', reason: metrics[0] } : undefined;
}

function ofPods({ workload, least, most, unknown }: PodCounts, { record, plan }: RecordedTrial): string | undefined {
  if (unknown > 0)
    return `${counted(unknown, 'observation')} of ${workload} ${unknown === 1 ? 'has' : 'have'} no time or no number of pods`;
  if (least !== null && least < 0) return `${workload} has ${counted(least, 'pod')}`;
  const settings = plannedVariant(plan, record)?.settings;
  if (settings === undefined || (workload !== 'django-api' && workload !== 'idaes')) return undefined;
  const { replicas } = settings[workload];
  const allowed = typeof replicas === 'number' ? replicas : replicas.maxReplicas;
  return most !== null && most > allowed
    ? `${workload} has ${counted(most, 'pod')} during the load, and its variant ${allowed} at most`
    : undefined;
}

function ofMetric({ metric, least, most, doubles }: MetricRange): string | undefined {
  const wrong = [least, most].find((value) => value !== null && !isPossibleMetric(metric, value));
  if (wrong !== undefined) return `${metric} is ${wrong}`;
  return doubles > 0 ? `${metric} has two values at ${doubles} moments` : undefined;
}
