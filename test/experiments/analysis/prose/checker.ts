import { capacity, missing, pressure, provisioning, saturation, scalability } from './capacities';
import { number, text, type CheckedAnswer, type CheckedReport, type Reader } from './checked-report';
import { benchmark, campaigns, detection, factors, limits, nothingHeld } from './comparisons';
import { contradictionsOfTables } from './tables';
import { accuracy, demand, feasibility, lowest, objective } from './verdicts';
import { basis, correlation, gates, saturatedTrials, standing, unsaid } from './whole-campaign';

/** Who reads what: a sentence that none of them reads is a problem of its own, for nobody vouches for it. */
const READERS: readonly Reader[] = [
  detection,
  nothingHeld,
  limits,
  factors,
  benchmark,
  campaigns,
  capacity,
  scalability,
  saturation,
  missing,
  provisioning,
  pressure,
  objective,
  lowest,
  demand,
  feasibility,
  accuracy,
  correlation,
  basis,
  gates,
  saturatedTrials,
  standing,
];

/** Words that name a winner; the readers that allow an extreme estimate say how many others reach it. */
const WINNERS = /\b(best|fastest|slowest|cheapest|nearest|winner|wins|beats|outperforms|most closely)\b/i;
const EXTREMES = /\b(lowest|highest) (?!estimate)/i;

/** Everything in which the sentences of a report contradict its own tables, and its tables themselves. */
export function contradictions(report: CheckedReport): string[] {
  return report.answers.flatMap((answer) => {
    const say = (problem: string) => `${answer.id}: ${problem}`;
    if (answer.unanswerable !== undefined) return unanswerable(answer).map(say);
    const sentences = [...answer.sentences, ...answer.notes];
    return [
      ...unlessAny(answer.sentences, 'says nothing'),
      ...sentences.flatMap((sentence) => [
        ...read(sentence, answer, report),
        ...estimates(sentence, answer),
        ...(WINNERS.test(sentence) ? [`names a winner: ${sentence}`] : []),
        ...(EXTREMES.test(sentence) && !answer.id.startsWith('resource-pressure')
          ? [`names an extreme: ${sentence}`]
          : []),
      ]),
      ...unsaid(answer, report),
      ...contradictionsOfTables(answer, report),
    ].map(say);
  });
}

/** What cannot be answered is not answered, and says why. */
function unanswerable({ unanswerable: why = '', sentences, tables }: CheckedAnswer): string[] {
  return [
    ...(sentences.length + tables.length > 0 ? ['not answerable, and answered'] : []),
    ...(/^Not answerable, because .+\.$/.test(why) ? [] : [`gives no reason: ${why}`]),
  ];
}

function unlessAny(sentences: readonly string[], problem: string): string[] {
  return sentences.length > 0 ? [] : [problem];
}

function read(sentence: string, answer: CheckedAnswer, report: CheckedReport): string[] {
  for (const reader of READERS) {
    const problems = reader(sentence, answer, report);
    if (problems !== undefined) return problems;
  }
  return [`nobody reads this sentence: ${sentence}`];
}

const ESTIMATE =
  /(?:≥ )?-?[\d,.]+(?:e[+-]\d+)? \((-?[\d,.e+-]+) (?:to (-?[\d,.e+-]+)|or more)(?:; \d+ of \d+ trials)?\)/g;

/** Every estimate quoted stands in a table of the answer, and lies within its own interval. */
function estimates(sentence: string, { tables, id }: CheckedAnswer): string[] {
  const shown = tables.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row).map(text)));
  return [...sentence.matchAll(ESTIMATE)].flatMap(([whole, low, high]) => {
    const value = number(/-?[\d,.]+(?:e[+-]\d+)?/.exec(whole)![0]);
    const peak = /peak at /.test(sentence.slice(0, sentence.indexOf(whole)).slice(-8));
    return [
      ...(value < number(low) || value > (high === undefined ? Infinity : number(high))
        ? [`${whole} is outside its own interval`]
        : []),
      ...(peak || id === 'threats' || shown.some((cell) => cell.includes(whole))
        ? []
        : [`quotes ${whole}, which is in no table: ${sentence}`]),
    ];
  });
}
