import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { CampaignPlan } from '../../campaign';
import type { AnalysisSettings } from './settings';

/**
 * Results by what they were computed from, one file each, in a folder of the campaign that may be deleted at any time.
 * An entry counts only for the same inputs, settings and source code of the analysis, so nothing stale is ever shown.
 */
export class ResultCache {
  private writable = true;

  /** @param context Whatever changes every result, such as the settings. */
  constructor(
    private readonly folder: string | null,
    private readonly context: string,
  ) {
    if (folder === null) return;
    try {
      mkdirSync(folder, { recursive: true });
    } catch {
      this.writable = false; // A campaign on a read-only disk is analysed without a cache.
    }
  }

  /** The stored result, or undefined where there is none for these inputs. */
  get<T>(name: string, inputs: string): T | undefined {
    if (this.folder === null) return undefined;
    try {
      const entry = deserialize(readFileSync(this.file(name))) as { key: string; value: T };
      return entry.key === this.key(inputs) ? entry.value : undefined;
    } catch {
      return undefined; // Absent, cut short, or of another version of Node.js: computed again.
    }
  }

  set(name: string, inputs: string, value: unknown): void {
    if (this.folder === null || !this.writable) return;
    const partial = `${this.file(name)}.partial-${process.pid}`;
    try {
      writeFileSync(partial, serialize({ key: this.key(inputs), value }));
      renameSync(partial, this.file(name));
    } catch {
      rmSync(partial, { force: true });
      this.writable = false;
    }
  }

  private file(name: string): string {
    return join(this.folder ?? '', `${name}.bin`);
  }

  private key(inputs: string): string {
    return `${this.context}|${inputs}`;
  }
}

/** The cache of one campaign under its plan and some settings, or one that remembers nothing. */
export function openCache(
  campaign: string,
  { settings, plan }: { readonly settings: AnalysisSettings; readonly plan: CampaignPlan },
  enabled = true,
): ResultCache {
  const folder = enabled ? join(campaign, 'analysis-cache') : null;
  return new ResultCache(folder, `${sourceFingerprint()}|${JSON.stringify({ settings, plan })}`);
}

const REPOSITORY = join(__dirname, '../../..');

/** Every folder that the analysis may import from: a change anywhere in them may change a result. */
export const FINGERPRINTED = [
  'experiments/analysis',
  'experiments/campaign',
  'experiments/plan',
  'facts',
  'lib/console',
  'lib/kubernetes',
  'lib/primitives',
] as const;

/** Changes with any source file and package that can decide a result, and with the Node.js that serialises. */
export function sourceFingerprint(repository = REPOSITORY): string {
  const hash = createHash('sha256').update(process.version);
  hash.update(readFileSync(join(repository, 'package-lock.json')));
  for (const folder of FINGERPRINTED) {
    const names = readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((file) => file.endsWith('.ts')).sort()) {
      hash.update(`${folder}/${name}`).update(readFileSync(join(repository, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 24);
}
