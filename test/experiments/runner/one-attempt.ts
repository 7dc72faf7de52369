import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CampaignSettings, TrialRecord } from '../../../experiments/campaign';
import { expandTrials, type Trial } from '../../../experiments/plan';
import { Attempt } from '../../../experiments/runner/attempt/attempt';
import type { Ports } from '../../../experiments/runner/attempt/ports';
import { newCampaign } from '../../../experiments/runner/campaign/new-campaign';
import { FileWorld } from './file-world';

export interface AttemptOptions {
  /** How the system under test answers. */
  readonly answer?: Parameters<FileWorld['ports']>[0];
  readonly variant?: string;
  readonly scale?: CampaignSettings['scale'];
  /** Ports that take the place of the world's own. */
  readonly change?: (ports: Ports) => Partial<Ports> | Promise<Partial<Ports>>;
  /** Called when the load begins. */
  readonly onLoad?: () => void;
  /** Called with the campaign's folder before it is removed. */
  readonly look?: (campaign: string) => Promise<void> | void;
}

/** 80 requests within two seconds. */
const SHORT_SPIKE = { rate: 1, duration: 1 / 120 };

/** Runs one attempt at a spike of retrievals against a real server, as a campaign does, and returns its verdict. */
export async function oneAttempt(options: AttemptOptions): Promise<TrialRecord> {
  const root = mkdtempSync(join(tmpdir(), 'one-attempt-'));
  const ports = await new FileWorld(join(root, 'world')).ports(options.answer);
  const settings = {
    site: 'local',
    generator: 'embedded',
    scale: options.scale ?? SHORT_SPIKE,
    attempts: 1,
  } as const;
  const trial = trialOf(options.variant ?? 'uor-replicas-1');
  const folder = newCampaign(join(root, 'campaign'), 'one', 1, [trial], settings, {});
  try {
    const changed = await options.change?.(ports);
    const record = await new Attempt(
      {
        ...{ trial, attempt: 1, folder, settings, signal: new AbortController().signal },
        entered: (state) => (state === 'load' ? options.onLoad?.() : undefined),
        progress: () => undefined,
      },
      { ...ports, ...changed },
    ).run();
    await options.look?.(folder.path);
    return record;
  } finally {
    await ports.close();
    rmSync(root, { recursive: true });
  }
}

/** Names of the gates that an attempt failed. */
export function failedGates({ gates }: TrialRecord): string[] {
  return gates.filter(({ passed }) => !passed).map(({ gate }) => gate);
}

function trialOf(variant: string): Trial {
  return expandTrials(undefined, 1, { variants: [variant], profiles: ['spike'], repetitions: 1 })[0]!;
}
