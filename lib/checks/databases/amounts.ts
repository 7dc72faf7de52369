import { toMebibytes } from '../../kubernetes/quantity';
import { filesOf } from '../objects/calls';
import type { PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { claimsOf } from '../objects/volumes';
import { formOf } from '../programs/known-options';
import { baseAmount } from '../programs/value-forms';
import type { Rule } from '../rule';

/** Rules of what a database is told of its memory and its disk. */
export const databaseAmountRules: readonly Rule[] = [
  {
    id: 'database-settings-fit',
    why: 'A database that is promised more memory or disk than it has is killed, or stops when its disk is full.',
    remedy:
      'keep shared_buffers to a third of the memory limit, all memory together below it, and the log to a third of the volume',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const { at, field, text, file } of filesOf(scope, pod)) {
          if (file !== 'postgresql.conf') continue;
          const settings = new Settings(text);
          const { request, limit } = memoryOf(pod);
          for (const message of [
            ...unitProblems(settings),
            ...memoryProblems(settings, request, limit),
            ...diskProblems(settings, scope, pod),
          ])
            yield { at, field, message };
        }
      }
    },
  },
];

const MEBIBYTE = 2 ** 20;

/** The settings of a postgresql.conf. */
class Settings {
  constructor(private readonly text: string) {}

  /** Names of the settings that are an amount of memory or disk. */
  amounts(): string[] {
    const names = [...this.text.matchAll(/^\s*([a-z_]+)\s*=/gm)].map(([, name]) => name!);
    return names.filter((name) => /B(\s|$)/.test(formOf('postgres', name) ?? ''));
  }

  /** In MiB; undefined where it is not set, or switched off by -1. */
  mebibytes(name: string): number | undefined {
    const amount = this.base(name);
    return amount === undefined || amount < 0 ? undefined : amount / MEBIBYTE;
  }

  count(name: string, byDefault: number): number {
    return this.base(name) ?? byDefault;
  }

  /** As written. */
  value(name: string): string | undefined {
    return new RegExp(`^\\s*${name}\\s*=\\s*'?([\\w.-]+)`, 'm').exec(this.text)?.[1];
  }

  private base(name: string): number | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : baseAmount(formOf('postgres', name) ?? '', value);
  }
}

/** Memory of the server's container, MiB; 0 where nothing is stated. */
function memoryOf(pod: PodTemplate): { request: number; limit: number } {
  const [main] = pod.containers.filter(({ isInit }) => !isInit);
  const { requests, limits } = main?.spec.resources ?? {};
  return { request: toMebibytes(requests?.memory), limit: toMebibytes(limits?.memory) };
}

/** A bare number counts pages of 8 kB or blocks of 1 kB, which nobody who writes 512 means. */
function* unitProblems(settings: Settings): Iterable<string> {
  for (const name of settings.amounts()) {
    const value = settings.value(name) ?? '';
    if (/^[1-9]\d*$/.test(value)) yield `${name} = ${value} has no unit; write one, as in ${value}MB`;
  }
}

function* memoryProblems(settings: Settings, request: number, limit: number): Iterable<string> {
  if (limit === 0) return;
  const buffers = settings.mebibytes('shared_buffers') ?? 128;
  if (request > 0 && request < buffers)
    yield `shared_buffers of ${rounded(buffers)} MiB is more than the ${rounded(request)} MiB of memory that the node keeps for it (its request)`;
  const inMemory = settings.amounts().filter((name) => !NOT_MEMORY.includes(name) && !ON_DISK.includes(name));
  const tooLarge = inMemory.filter((name) => (settings.mebibytes(name) ?? 0) > limit * LARGEST);
  for (const name of tooLarge)
    yield `${name} of ${rounded(settings.mebibytes(name)!)} MiB is more than 40 % of the memory limit of ${rounded(limit)} MiB`;
  const cache = settings.mebibytes('effective_cache_size') ?? 0;
  if (cache > limit)
    yield `effective_cache_size of ${rounded(cache)} MiB is more than the memory limit of ${rounded(limit)} MiB, which counts what is cached for the container too`;
  const parts = partsOf(settings);
  const sum = parts.reduce((total, { mebibytes }) => total + mebibytes, 0);
  if (tooLarge.length > 0 || sum <= limit) return;
  const words = parts.map(({ words: each, mebibytes }) => `${each} = ${rounded(mebibytes)}`).join(', ');
  yield `at its busiest it may take ${rounded(sum)} MiB (${words}), and the memory limit is ${rounded(limit)} MiB`;
}

const LARGEST = 0.4;
const rounded = (mebibytes: number) => Math.round(mebibytes);

/**
 * What a server may take when every connection sorts: one sort each, of one process. A query may hold several, so this is no
 * upper bound, and a server that is above it is promised too much in any case.
 * Defaults and meaning: https://www.postgresql.org/docs/16/runtime-config-resource.html
 */
function partsOf(settings: Settings): { words: string; mebibytes: number }[] {
  const buffers = settings.mebibytes('shared_buffers') ?? 128;
  const sort = settings.mebibytes('work_mem') ?? 4;
  const connections = settings.count('max_connections', 100);
  const upkeep = settings.mebibytes('autovacuum_work_mem') ?? settings.mebibytes('maintenance_work_mem') ?? 64;
  const workers = settings.count('autovacuum_max_workers', 3);
  return [
    { words: 'shared_buffers', mebibytes: buffers },
    { words: `work_mem x ${connections} connections`, mebibytes: sort * connections },
    { words: `maintenance_work_mem x ${workers} workers`, mebibytes: upkeep * workers },
  ];
}

/** Amounts that say when something is done, or how it is counted. */
const NOT_MEMORY: readonly string[] = [
  ...['effective_cache_size', 'huge_page_size', 'min_parallel_index_scan_size', 'min_parallel_table_scan_size'],
  ...['log_temp_files', 'log_parameter_max_length', 'log_parameter_max_length_on_error', 'wal_skip_threshold'],
  ...['backend_flush_after', 'bgwriter_flush_after', 'checkpoint_flush_after', 'wal_writer_flush_after'],
];

/** Amounts of disk. */
const ON_DISK: readonly string[] = [
  ...['max_wal_size', 'min_wal_size', 'wal_keep_size', 'max_slot_wal_keep_size', 'temp_file_limit'],
  ...['log_rotation_size', 'gin_pending_list_limit'],
];

function* diskProblems(settings: Settings, scope: Scope, pod: PodTemplate): Iterable<string> {
  const sizes = claimsOf(scope, pod).map(({ spec }) => toMebibytes(spec.resources?.requests?.storage));
  if (sizes.length === 0) return;
  const volume = Math.max(...sizes);
  for (const name of ON_DISK) {
    const size = settings.mebibytes(name) ?? 0;
    if (size > volume / 3)
      yield `${name} of ${rounded(size)} MiB is more than a third of the volume of ${rounded(volume)} MiB`;
  }
}
