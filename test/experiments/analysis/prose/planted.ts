import type { CheckedAnswer, CheckedReport } from './checked-report';

/** One contradiction that was put into a report. */
export interface Planted {
  readonly what: string;
  readonly report: CheckedReport;
}

/** A number in a sentence that is no part of a name: of a variant, a percentile, a unit or a list of levels. */
const NUMBERS = /(?<![\w.,-])(?:≥ )?\d[\d,]*(?:\.\d+)?(?![\w-]|\.\d)/g;
/** Numbers that are said of the method, not of this campaign. */
const OF_METHOD = /Feasible here|Within a trial|CFS periods|Equal load|Headroom is|Confounders/;

/**
 * Every number of every sentence changed, one at a time; every variant named exchanged for another of the same answer; every
 * verdict turned round. Each of these reports contradicts itself in one place.
 */
export function plantedInSentences(report: CheckedReport): Planted[] {
  return report.answers.flatMap((answer) =>
    (['sentences', 'notes'] as const).flatMap((list) =>
      answer[list].flatMap((sentence, place) =>
        OF_METHOD.test(sentence)
          ? []
          : changesOf(sentence, answer).map(({ what, changed }) => ({
              what: `${answer.id}: ${what} in: ${sentence}`,
              report: withSentence(report, { answer, list, place }, changed),
            })),
      ),
    ),
  );
}

function changesOf(sentence: string, answer: CheckedAnswer): { what: string; changed: string }[] {
  const numbers = [...sentence.matchAll(NUMBERS)].map(({ 0: found, index }) => {
    const value = Number(found.replaceAll(',', '').replace('≥ ', ''));
    const other =
      Number.isInteger(value) && value < 1000 ? String(value + 1) : String(Number((value * 1.35).toPrecision(3)));
    return {
      what: `${found} → ${other}`,
      changed: sentence.slice(0, index) + other + sentence.slice(index + found.length),
    };
  });
  const turned = TURNED.flatMap(([from, to]) =>
    sentence.includes(from) ? [{ what: `${from} → ${to}`, changed: sentence.replace(from, to) }] : [],
  );
  return [...numbers, ...turned, ...exchanged(sentence, answer)];
}

const TURNED = [
  [' % higher', ' % lower'],
  [' % lower', ' % higher'],
  [' bears ', ' bears none of '],
  [' and not ', ', '],
  [
    'which shows no peak for certain, and excludes one only below',
    'which shows no replica count beyond which throughput would fall, not even at',
  ],
  ['depends on ', 'is moved by neither factor detectably'],
  ['Every validity gate passed: ', 'Gates that failed at least once: generator-cpu; '],
  ['the linear regime ends at', 'it holds up to the peak rate, never mind'],
] as const;

/**
 * Each variant that a sentence names, once in place of the next one of its tables. The one that stands for all that are not
 * told apart is left: another of them may stand there as well.
 */
function exchanged(sentence: string, { tables }: CheckedAnswer): { what: string; changed: string }[] {
  const names = [...new Set(tables.flatMap(({ rows }) => rows.map((row) => row['variant'])))].filter(
    (name): name is string => typeof name === 'string',
  );
  return names.flatMap((name) => {
    const whole = new RegExp(`(?<![\\w-])${name}(?![\\w-])`);
    const other = names.find((one) => one !== name && !new RegExp(`(?<![\\w-])${one}(?![\\w-])`).test(sentence));
    return other === undefined || !whole.test(sentence.replace(/; for .*$/, ''))
      ? []
      : [{ what: `${name} → ${other}`, changed: sentence.replace(whole, other) }];
  });
}

function withSentence(
  report: CheckedReport,
  at: { readonly answer: CheckedAnswer; readonly list: 'sentences' | 'notes'; readonly place: number },
  changed: string,
): CheckedReport {
  const answer = {
    ...at.answer,
    [at.list]: at.answer[at.list].map((one, place) => (place === at.place ? changed : one)),
  };
  return { ...report, answers: report.answers.map((one) => (one === at.answer ? answer : one)) };
}

/** A figure of every column of every table changed, text and value alike, so that it is at odds with what stands elsewhere. */
export function plantedInTables(report: CheckedReport): Planted[] {
  return report.answers.flatMap((answer) =>
    answer.tables.flatMap((table) =>
      Object.keys(table.rows[0] ?? {}).flatMap((key): Planted[] => {
        const place = table.rows.findIndex(
          (row) => typeof valueOf(row[key]) === 'number' && valueOf(row[key]) !== 0 && isWritten(row[key]),
        );
        if (place < 0) return [];
        const cell = table.rows[place][key] as { text: string; value: number };
        const other = { ...cell, value: cell.value * 1.4 };
        const rows = table.rows.map((row, index) => (index === place ? { ...row, [key]: other } : row));
        const tables = answer.tables.map((one) => (one === table ? { ...table, rows } : one));
        return [
          {
            what: `${table.id}, ${key}: ${cell.text} is ${other.value}`,
            report: { ...report, answers: report.answers.map((one) => (one === answer ? { ...answer, tables } : one)) },
          },
        ];
      }),
    ),
  );
}

/** A value below what is written at all (< 0.0001) may be any such value. */
function isWritten(cell: unknown): boolean {
  return !(cell as { text: string }).text.startsWith('<');
}

function valueOf(cell: unknown): unknown {
  return (cell as { value?: unknown } | undefined)?.value;
}
