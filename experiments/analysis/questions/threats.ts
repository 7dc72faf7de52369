import type { TrialRecord } from '../../campaign';
import type { CampaignAnalysis } from '../analyse';
import { groupBy } from '../grouping';
import { REPETITIONS } from '../../plan';
import type { Answer, Plot, Sentence } from '../report/model';
import { digits, NO_VALUE } from '../report/numbers';
import { TEST_TITLES } from './experiment-cells';

/** Threats to validity, computed from the gates and from what was found on disk. */
export function threatsAnswer(analysis: CampaignAnalysis): Answer {
  const records = [
    ...analysis.cells.flatMap((cell) => cell.trials.map((trial) => trial.input)),
    ...analysis.setAside,
  ].map((input) => input.record);
  const gates = groupBy(
    records.flatMap((record) => record.gates),
    (gate) => gate.gate,
  );
  const counted = analysis.cells.reduce((sum, cell) => sum + cell.trials.length, 0);
  const thin = analysis.cells.filter((cell) => cell.trials.length < REPETITIONS);
  const excluded = analysis.findings.filter((finding) => finding.excluded);
  const planned = analysis.manifest.order.length;
  const failing = [...gates].filter(([, results]) => results.some((result) => !result.passed)).map(([name]) => name);
  const sentences: Sentence[] = [
    [
      `${counted} trials count${planned > 0 ? ` of ${planned} planned` : ''}; ${excluded.length} problems leave something out, and ${thin.length} of ${analysis.cells.length} cells have fewer than ${REPETITIONS} trials.`,
    ],
    [
      records.length === 0 || gates.size === 0
        ? 'No gate was recorded, so nothing vouches for the generator, the network delay or the variant under test.'
        : failing.length === 0
          ? `Every one of ${gates.size} validity gates passed in all ${records.length} attempts.`
          : `Gates that failed at least once: ${failing.join(', ')}.`,
    ],
  ];
  const remarks: Sentence[] = [];
  if (analysis.manifest.origin === 'rehearsed' || records.some((record) => record.origin === 'rehearsed'))
    remarks.push(['These figures are rehearsed: they come from a simulation and say nothing about the real cluster.']);
  if (failing.includes('dropped-starts'))
    remarks.push([
      'A trial drops starts when the system is so slow that every virtual user waits: the trials left out are the slowest ones, so what is missing is worse than what is shown.',
    ]);
  return {
    id: 'threats',
    title: 'Threats to validity',
    question: 'How far can these figures be trusted?',
    sentences,
    remarks,
    plots: gates.size === 0 ? [] : [gatePlot(records)],
    tables: [
      {
        id: 'gates',
        title: 'Validity gates',
        columns: [
          { key: 'gate', title: 'gate' },
          { key: 'attempts', title: 'attempts' },
          { key: 'failed', title: 'failed' },
          { key: 'low', title: 'lowest figure' },
          { key: 'high', title: 'highest figure' },
          { key: 'limit', title: 'limit' },
        ],
        rows: [...gates].map(([gate, results]) => {
          const figures = results.map((result) => result.value).filter((value) => value !== undefined);
          const limits = [...new Set(results.map((result) => result.limit).filter((value) => value !== undefined))];
          return {
            gate,
            attempts: String(results.length),
            failed: String(results.filter((result) => !result.passed).length),
            low: figures.length === 0 ? NO_VALUE : digits(Math.min(...figures)),
            high: figures.length === 0 ? NO_VALUE : digits(Math.max(...figures)),
            limit: limits.length === 0 ? NO_VALUE : limits.map(digits).join(', '),
          };
        }),
      },
      {
        id: 'findings',
        title: 'What was found wrong',
        columns: [
          { key: 'kind', title: 'kind' },
          { key: 'excluded', title: 'left out' },
          { key: 'sentence', title: 'what' },
        ],
        rows: analysis.findings.map(({ kind, sentence, excluded: out }) => ({
          kind,
          excluded: out ? 'yes' : 'no',
          sentence,
        })),
      },
    ],
  };
}

/** How often each gate failed, by test type. */
function gatePlot(records: readonly TrialRecord[]): Plot {
  const byType = groupBy(records, (record) => record.testType);
  return {
    id: 'threats-gates',
    title: 'Attempts that failed each gate',
    kind: 'points',
    caption: `Share of attempts (%) that failed each validity gate, by test type, as recorded in their trial.json; n = ${[...byType].map(([type, ofType]) => `${ofType.length} attempts of ${TEST_TITLES[type]}`).join(', ')}.`,
    xTitle: 'gate',
    yTitle: 'attempts failed, %',
    xType: 'category',
    series: [...byType].map(([type, ofType]) => ({
      name: TEST_TITLES[type],
      points: [
        ...groupBy(
          ofType.flatMap((record) => record.gates),
          (gate) => gate.gate,
        ),
      ].map(([gate, results]) => ({
        x: gate,
        y: (100 * results.filter((result) => !result.passed).length) / results.length,
        n: results.length,
      })),
    })),
  };
}
