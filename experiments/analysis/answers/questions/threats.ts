import type { TrialRecord } from '../../../campaign';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { cellId } from '../../measurement/cell-result';
import { groupBy } from '../../../../lib/primitives/group-by';
import type { TestType } from '../../../plan';
import type { Answer, Plot, Sentence, Table } from '../model';
import { countWord, digits, NO_VALUE, plain } from '../numbers';
import { TEST_TITLES } from '../experiment-cells';
import { counted } from '../../../../lib/primitives/counted';

/** Threats to validity, computed from the gates and from what was found on disk. */
export function threatsAnswer(analysis: CampaignAnalysis): Answer {
  const records = [
    ...analysis.cells.flatMap((cell) => cell.trials.map((trial) => trial.input)),
    ...analysis.setAside,
  ].map((input) => input.record);
  const results = records.flatMap((record) => record.gates.map((gate) => ({ ...gate, record })));
  const failing = [...groupBy(results, ({ gate }) => gate)]
    .filter(([, ofGate]) => ofGate.some((result) => !result.passed))
    .map(([name]) => name);
  const rehearsed = analysis.manifest.origin === 'rehearsed' || records.some((record) => record.origin === 'rehearsed');
  return {
    id: 'threats',
    title: 'Threats to validity',
    question: 'How far can these figures be trusted?',
    sentences: [basisSentence(analysis), gatesSentence(records, failing, analysis)],
    certainty: [`${trialsOf(analysis.cells)} of ${analysis.manifest.order.length} planned trials count`],
    notes: [
      ...(rehearsed
        ? [['These figures are rehearsed: they come from a simulation and say nothing about the real cluster.']]
        : []),
      ...saturationNote(analysis.cells),
      ...CONFOUNDERS.map((one): Sentence => [one]),
    ],
    plots: results.length === 0 ? [] : [gatePlot(records)],
    tables: [gateTable(records, results, analysis), findingTable(analysis)],
  };
}

/** How many trials the figures rest on, of how many, and how many cells have too few. */
function basisSentence(analysis: CampaignAnalysis): Sentence {
  const excluded = analysis.findings.filter((finding) => finding.excluded).length;
  const planned = analysis.manifest.order.length;
  const { repetitions } = analysis.plan;
  return [
    'The figures rest on ',
    ...[...groupBy(analysis.cells, (cell) => cell.testType)].flatMap(([testType, cells], index): Sentence => {
      const wanted = plannedCells(testType, analysis);
      return [
        index === 0 ? '' : ' and ',
        { text: `${counted(trialsOf(cells), 'trial')} of ${TEST_TITLES[testType]}`, cell: testType },
        ' (',
        {
          text: `${wanted.filter((id) => trialsIn(id, cells) < repetitions).length} of ${counted(wanted.length, 'cell')}`,
          cell: testType,
        },
        ` with fewer than ${countWord(repetitions)})`,
      ];
    }),
    `${trialsOf(analysis.cells) === 0 ? 'no trial' : ''}${planned > 0 ? `, where ${planned} were planned` : ''}; ${excluded} ${excluded === 1 ? 'problem leaves' : 'problems leave'} something out.`,
  ];
}

function gateTable(
  records: readonly TrialRecord[],
  results: readonly RecordedGate[],
  analysis: CampaignAnalysis,
): Table {
  return {
    id: 'gates',
    title: 'Validity gates',
    columns: [
      { key: 'gate', title: 'gate' },
      { key: 'test', title: 'test type' },
      { key: 'attempts', title: 'attempts' },
      { key: 'failed', title: 'failed' },
      { key: 'low', title: 'lowest figure' },
      { key: 'high', title: 'highest figure' },
      { key: 'limit', title: 'limit' },
    ],
    rows: [
      ...[...groupBy(records, (record) => record.testType).values()].map((ofType) => anyGateRow(ofType, analysis)),
      ...[...groupBy(results, ({ gate, record }) => `${gate}|${record.testType}`).values()].map((ofGate) =>
        gateRow(ofGate, analysis),
      ),
    ],
  };
}

function findingTable({ findings }: CampaignAnalysis): Table {
  return {
    id: 'findings',
    title: 'What was found wrong',
    columns: [
      { key: 'kind', title: 'kind' },
      { key: 'excluded', title: 'left out' },
      { key: 'sentence', title: 'what' },
    ],
    rows: findings.map(({ kind, sentence, excluded: out }) => ({ kind, excluded: out ? 'yes' : 'no', sentence })),
  };
}

/** What no gate can see, and what holds for every figure of the cluster. */
const CONFOUNDERS = [
  'Confounders that no trial controls: on the cluster cloudflared takes CPU on control; the generator shares the ingress node with the Compose benchmark, which has neither the TLS of the gateway nor its network hop; that the average load is typical is an assumption of the plan.',
];

function saturationNote(cells: readonly Cell[]): Sentence[] {
  const trials = cells.flatMap((cell) => cell.trials.filter(({ measures }) => measures.saturated).map(() => cell));
  if (trials.length === 0) return [];
  return [
    [
      { text: `${trials.length} ${trials.length === 1 ? 'trial was' : 'trials were'}`, cell: trials[0].testType },
      ' saturated: every virtual user was waiting, and starts were dropped by a healthy generator. They count, with the dropped starts as failed requests and response times as lower bounds.',
    ],
  ];
}

type Row = Table['rows'][number];
type RecordedGate = TrialRecord['gates'][number] & { readonly record: TrialRecord };

const failedAny = (record: TrialRecord) => record.gates.some((gate) => !gate.passed);

/** All attempts of one test type, and those that any gate failed. */
function anyGateRow(records: readonly TrialRecord[], analysis: CampaignAnalysis): Row {
  const cell = linkTo(records[0].testType, analysis);
  const failed = records.filter(failedAny).length;
  return {
    gate: 'any of them',
    test: TEST_TITLES[records[0].testType],
    attempts: { text: String(records.length), value: records.length, cell },
    failed: { text: String(failed), value: failed, cell },
    low: plain(null, cell),
    high: plain(null, cell),
    limit: NO_VALUE,
  };
}

/** One gate over all attempts of one test type; its extremes lead to the trials they come from, where those count. */
function gateRow(results: readonly RecordedGate[], analysis: CampaignAnalysis): Row {
  const [{ gate, record }] = results;
  const ofType = linkTo(record.testType, analysis);
  const count = (value: number) => ({ text: String(value), value, cell: ofType });
  const measured = results
    .flatMap((one) => (one.value === undefined ? [] : [{ value: one.value, cell: cellId(one.record) }]))
    .sort((a, b) => a.value - b.value);
  const extreme = (one: (typeof measured)[number] | undefined) => {
    const cell = analysis.cells.find(({ id }) => id === one?.cell);
    return plain(one?.value ?? null, cell?.id ?? ofType);
  };
  const limits = [...new Set(results.map((result) => result.limit).filter((value) => value !== undefined))];
  return {
    gate,
    test: TEST_TITLES[record.testType],
    attempts: count(results.length),
    failed: count(results.filter((result) => !result.passed).length),
    low: extreme(measured[0]),
    high: extreme(measured.at(-1)),
    limit: limits.length === 0 ? NO_VALUE : limits.map(digits).join(', '),
  };
}

/** Which gates failed, or in how many attempts all passed. */
function gatesSentence(
  records: readonly TrialRecord[],
  failing: readonly string[],
  analysis: CampaignAnalysis,
): Sentence {
  if (!records.some((record) => record.gates.length > 0))
    return ['No gate was recorded, so nothing vouches for the generator, the network delay or the variant under test.'];
  const failed = (ofType: readonly TrialRecord[]) => ofType.filter(failedAny).length;
  return [
    failing.length === 0 ? 'Every validity gate passed: ' : `Gates that failed at least once: ${failing.join(', ')}; `,
    ...[...groupBy(records, (record) => record.testType)].flatMap(([testType, ofType], index): Sentence => [
      index === 0 ? '' : ' and ',
      { text: `${failed(ofType)} of ${counted(ofType.length, 'attempt')}`, cell: linkTo(testType, analysis) },
      ` of ${TEST_TITLES[testType]}`,
    ]),
    ' failed one.',
  ];
}

/** The link to all trials of a test type, where any of them counts. */
function linkTo(testType: TestType, { cells }: CampaignAnalysis): TestType | undefined {
  return cells.some((cell) => cell.testType === testType) ? testType : undefined;
}

function trialsOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.trials.length, 0);
}

/** Every cell that was planned, whether a trial of it counts or not, and every one that has trials without a plan. */
function plannedCells(testType: TestType, { manifest, cells }: CampaignAnalysis): string[] {
  const planned = manifest.order
    .filter((trial) => trial.split('.')[1] === testType)
    .map((trial) => trial.split('.').slice(0, -1).join('.'));
  return [...new Set([...planned, ...cells.filter((cell) => cell.testType === testType).map(({ id }) => id)])];
}

function trialsIn(id: string, cells: readonly Cell[]): number {
  return cells.find((cell) => cell.id === id)?.trials.length ?? 0;
}

/** How often each gate failed, by test type. */
function gatePlot(records: readonly TrialRecord[]): Plot {
  const byType = groupBy(records, (record) => record.testType);
  return {
    id: 'threats-gates',
    title: 'Attempts that failed each gate',
    kind: 'points',
    caption: `Share of attempts (%) that failed each validity gate, by test type, as recorded in their trial.json; n = ${[...byType].map(([type, ofType]) => `${counted(ofType.length, 'attempt')} of ${TEST_TITLES[type]}`).join(', ')}.`,
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
