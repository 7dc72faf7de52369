import {
  figure,
  near,
  number,
  shortName,
  text,
  unless,
  type CheckedAnswer,
  type CheckedReport,
  type CheckedRow,
  type CheckedValue,
} from './checked-report';

/** Everything in which the tables of an answer contradict themselves, or the table of every cell. */
export function contradictionsOfTables(answer: CheckedAnswer, report: CheckedReport): string[] {
  return answer.tables.flatMap(({ id, rows }) =>
    rows.flatMap((row) =>
      [
        ...Object.values(row).flatMap((one) => withinItself(figure(one))),
        ...('words' in row && 'reference' in row ? effect(row, report) : []),
        ...('n' in row && 'profile' in row ? asInEveryCell(row, answer, report) : []),
      ].map(
        (problem) => `table ${id}, ${text(row['variant']) || text(row['cell'])} ${text(row['profile'])}: ${problem}`,
      ),
    ),
  );
}

const LEADING = /^(?:× )?([≥≤] )?(-?[\d,.]+(?:e[+-]\d+)?)(?: \((-?[\d,.]+(?:e[+-]\d+)?) to (-?[\d,.]+(?:e[+-]\d+)?))?/;

/** What is written is the value, and the value lies in its interval. */
function withinItself({ text: written, value, low, high }: CheckedValue): string[] {
  const match = LEADING.exec(written);
  const problems = [
    ...unless(value == null || low == null || low <= value * (1 + 1e-9) + 1e-12, `${written} is below its interval`),
    ...unless(value == null || high == null || high >= value * (1 - 1e-9) - 1e-12, `${written} is above its interval`),
  ];
  if (match === null || value == null) return problems;
  // Probabilities have two digits, all else three.
  const share = low === undefined ? 0.06 : 0.01;
  return [
    ...problems,
    ...unless(near(number(match[2]), value, share), `writes ${written} for ${value}`),
    ...unless(
      match[3] === undefined || near(number(match[3]), low ?? NaN),
      `writes ${written} for a lower bound of ${low}`,
    ),
    ...unless(
      match[4] === undefined || near(number(match[4]), high ?? NaN),
      `writes ${written} for an upper bound of ${high}`,
    ),
  ];
}

/** Words, p value and effect of one comparison say the same. */
function effect(row: CheckedRow, { settings }: CheckedReport): string[] {
  const words = text(row['words']);
  const shown = figure(row['effect']);
  const p = figure(row['p']).value;
  if (words.startsWith('not comparable')) return unless(p == null, `not comparable, with p = ${p}`);
  const told = !/^(no difference|identical)/.test(words);
  const ratio = shown.text.startsWith('×');
  const up = shown.value! > (ratio ? 1 : 0);
  const change = /^([\d.]+) % (higher|lower)/.exec(words);
  const times = /^(\d+) times as high/.exec(words);
  return [
    ...unless(p != null && told === p < 1 - settings.confidence, `says "${words}" with p = ${p}`),
    ...unless(!told || up === /higher|times/.test(words), `says "${words}" of ${shown.text}`),
    ...unless(
      change === null || Math.abs(Math.abs(shown.value! - 1) * 100 - Number(change[1])) <= 0.51,
      `says "${words}" of ${shown.text}`,
    ),
    ...unless(times === null || Math.abs(shown.value! - Number(times[1])) <= 0.51, `says "${words}" of ${shown.text}`),
    ...unless(words.includes('or more') === (told && /≤|≥/.test(shown.text)), `"${words}" of ${shown.text}`),
  ];
}

/** A figure of a variant stands alike wherever it stands. */
function asInEveryCell(row: CheckedRow, { id }: CheckedAnswer, { cells }: CheckedReport): string[] {
  const [, experiment, type] = /^(.+)-(uor|fs)$/.exec(id) ?? [];
  const candidates = cells.rows.filter(
    (one) =>
      shortName(text(one['variant'])) === text(row['variant']) &&
      text(one['profile']) === text(row['profile']) &&
      (type === undefined || text(one['testType']) === type),
  );
  const own = candidates.filter((one) => text(one['experiment']) === experiment);
  const among = own.length > 0 ? own : candidates;
  return [
    ...unless(
      among.some((one) => figure(one['trials']).value === figure(row['n']).value),
      `has ${text(row['n'])} trials, which no such cell has`,
    ),
    ...Object.keys(row)
      .filter((key) => cells.rows[0] !== undefined && key in cells.rows[0] && !['variant', 'profile'].includes(key))
      .filter((key) => typeof figure(row[key]).value === 'number')
      .filter((key) => !among.some((one) => text(one[key]) === text(row[key])))
      .map(
        (key) => `${key} is ${text(row[key])}, and ${among.map((one) => text(one[key])).join(' or ')} among all cells`,
      ),
  ];
}
