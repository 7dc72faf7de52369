import { setPercent } from '../../../../../lib/primitives/percent';
import type { CampaignAnalysis, Cell } from '../../../measurement/analyse';
import { SUSTAINED } from '../../../measurement/settings';
import type { Effect } from '../../effects';
import { experimentCells, variantOf, whyUnanswerable } from '../../experiment-cells';
import { MEASURES } from '../../measures';
import type { Answer, Sentence } from '../../model';
import { accuracySentence, comparedSolutions, solutionTable } from './solution-accuracy';
import { certaintyOf, detectionSentence, effectsOf, effectTable, measureTable } from '../../tables';

/** Question: efficiency, accuracy and feasibility of solving on the cluster against one machine. */
export function feasibilityAnswer(analysis: CampaignAnalysis, all: readonly Effect[]): Answer {
  const group = experimentCells(analysis, 'benchmark', 'fs');
  const id = 'solving-feasibility';
  const title = 'Efficiency, accuracy and feasibility of solving';
  const question = 'Is solving on the cluster feasible, efficient and as accurate as on one machine?';
  const unanswerable = whyUnanswerable(group, analysis);
  if (unanswerable !== undefined) return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };
  const effects = effectsOf(group, [MEASURES.errors], all);
  const on = (site: string) =>
    group.cells.filter((cell) => variantOf(group, cell)?.site === site && cell.profile !== 'breakpoint');
  const sitesOf = (site: string) => group.cells.filter((cell) => variantOf(group, cell)?.site === site);
  const compared = comparedSolutions(sitesOf('cluster'), sitesOf('compose'));
  return {
    id,
    title,
    question,
    sentences: [
      [...feasible('The cluster', on('cluster')), '; ', ...feasible('one machine', on('compose')), '.'],
      [accuracySentence(compared, analysis.manifest.origin === 'rehearsed')],
      detectionSentence(effects, 'error rate'),
    ],
    certainty: certaintyOf(effects, group.cells),
    notes: [
      [
        `Feasible here means that at most ${setPercent(SUSTAINED.failedShare)} of the requests due failed or were dropped, in every trial of the cell.`,
      ],
      [
        'Within a trial every answer that was read is held against the values of its warm-up, so a site gives one solution or its trial is void.',
      ],
    ],
    plots: [],
    tables: [
      measureTable(
        `${id}-measures`,
        'Efficiency of solving',
        [...on('cluster'), ...on('compose')],
        [
          MEASURES.served,
          MEASURES.good,
          MEASURES.errors,
          MEASURES.degradedShare,
          MEASURES.reserved,
          MEASURES.used,
          MEASURES.reservedPerGood,
        ],
        analysis,
      ),
      effectTable(`${id}-effects`, 'Error rate of one machine against the cluster', effects),
      ...(compared === null || compared.length === 0 ? [] : [solutionTable(`${id}-solution`, compared)]),
    ],
  };
}

/** Under which profiles a site fails too many requests. */
function feasible(site: string, cells: readonly Cell[]): Sentence {
  if (cells.length === 0) return [`for ${site} there is no valid trial`];
  const fails = (cell: Cell) => cell.trials.some(({ measures }) => measures.errorShare > SUSTAINED.failedShare);
  const named = (those: readonly Cell[]): Sentence =>
    those.flatMap((cell, index) => [index === 0 ? '' : ', ', { text: cell.profile, cell: cell.id }]);
  const [borne, failed] = [cells.filter((cell) => !fails(cell)), cells.filter(fails)];
  if (failed.length === 0) return [`${site} bears `, ...named(borne)];
  if (borne.length === 0) return [`${site} bears none of `, ...named(failed)];
  return [`${site} bears `, ...named(borne), ' and not ', ...named(failed)];
}
