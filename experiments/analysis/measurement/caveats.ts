import type { CampaignAnalysis } from './analyse';

/** Something that keeps a campaign's figures from being results of the plan on the cluster. */
export interface Caveat {
  /** In one word, for a caption. */
  readonly word: 'rehearsed' | 'local' | 'live' | 'scaled';
  /** In a sentence or two. */
  readonly text: string;
}

/** Whether any figure of a campaign comes from the simulation. */
export function isRehearsed({ manifest, cells }: Pick<CampaignAnalysis, 'manifest' | 'cells'>): boolean {
  return (
    manifest.origin === 'rehearsed' ||
    cells.some(({ trials }) => trials.some(({ input }) => input.record.origin === 'rehearsed'))
  );
}

/** What every form that hands a campaign's figures on has to say of them. */
export function caveats(analysis: CampaignAnalysis): Caveat[] {
  const { settings, environment } = analysis.manifest;
  const records = analysis.cells.flatMap(({ trials }) => trials.map(({ input }) => input.record));
  const scaled = records.find(({ scale }) => scale.rate !== 1 || scale.duration !== 1)?.scale;
  const found: Caveat[] = [];
  if (isRehearsed(analysis))
    found.push({
      word: 'rehearsed',
      text: 'Rehearsed: these figures come from a simulation, not from the cluster. They must not be quoted as measurements.',
    });
  if (settings?.site === 'local')
    found.push({
      word: 'local',
      text: 'Local: measured against the reference API on one machine, not on the cluster. Nothing here says anything about the cluster.',
    });
  if (settings?.site === 'live')
    found.push({
      word: 'live',
      text: `Live: ${environment['origin'] ?? 'measured, on a live cluster of one machine; not the Pis'}.`,
    });
  if (scaled !== undefined)
    found.push({
      word: 'scaled',
      text: `Scaled: the load was not the plan’s (the first trial’s rates × ${scaled.rate}, durations × ${scaled.duration}). These figures are no results of the plan.`,
    });
  return found;
}
