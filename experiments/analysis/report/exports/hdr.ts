import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { SPECTRUM } from '../../measurement/trial/queries';

/**
 * The distribution of one cell in the text form of HdrHistogram (`.hgrm`), which its plotter and others read: value,
 * percentile, count up to it, and one in how many requests lies above. Null where the cell has no response times.
 */
function hgrm({ pooled, trials }: Cell): string | null {
  if (pooled === null) return null;
  const n = pooled.samples;
  const rows = SPECTRUM.map((share, index) => {
    const above = share === 1 ? 'inf' : (1 / (1 - share)).toFixed(2);
    const columns = [pooled.spectrum[index].toFixed(3), share.toFixed(12), String(Math.round(share * n)), above];
    return columns.map((column, place) => column.padStart([12, 20, 12, 16][place])).join('');
  });
  const mean = pooled.mean?.value ?? NaN;
  const head = ['Value', 'Percentile', 'TotalCount', '1/(1-Percentile)'];
  return [
    head.map((name, place) => name.padStart([12, 20, 12, 18][place])).join(''),
    '',
    ...rows,
    `#[Mean    = ${mean.toFixed(3)}, StdDeviation   = NaN]`,
    `#[Max     = ${pooled.spectrum[pooled.spectrum.length - 1].toFixed(3)}, Total count    = ${n}]`,
    `#[Buckets = 0, SubBuckets     = 0]`,
    ...(trials.some(({ measures }) => measures.saturated) ? ['#[Saturated: every value is a lower bound]'] : []),
    '',
  ].join('\n');
}

/** Every cell's distribution by the name of its file. */
export function hdrFiles({ cells }: CampaignAnalysis): Map<string, string> {
  return new Map(
    cells.flatMap((cell) => {
      const text = hgrm(cell);
      return text === null ? [] : [[`${cell.id}.hgrm`, text] as const];
    }),
  );
}
