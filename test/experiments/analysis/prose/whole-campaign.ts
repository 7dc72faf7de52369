import { boundedCells } from './capacities';
import { effectRows } from './comparisons';
import {
  figure,
  shortName,
  tableOf,
  text,
  unless,
  type CheckedAnswer,
  type CheckedReport,
  type CheckedRow,
  type Reader,
} from './checked-report';

/** How many metrics go with response time, and which, by the p values of the table. */
export const correlation: Reader = (sentence, answer, { settings }) => {
  if (!answer.id.startsWith('secondary-metrics')) return undefined;
  const rows = tableOf(answer, '-table');
  const judged = (key: string) => rows.filter((row) => typeof figure(row[key]).value === 'number');
  const clear = (key: string) => judged(key).filter((row) => figure(row[key]).value! < 1 - settings.confidence);
  if (sentence.startsWith('At equal load no metric can be judged'))
    return unless(judged('equalP').length === 0, `the table can tell: ${sentence}`);
  const plain = /^Without regard to the load, (\d+) of (\d+) metrics? (?:do|does) after Holm's correction/.exec(
    sentence,
  );
  if (plain !== null)
    return unless(
      Number(plain[1]) === clear('p').length && Number(plain[2]) === judged('p').length,
      `the table has ${clear('p').length} of ${judged('p').length}: ${sentence}`,
    );
  const match =
    /^At equal load, (\d+) of (\d+) metrics? (?:go|goes) with the moving p95 beyond chance(?:: (.+?))?(?: and (\d+) more)?\.$/.exec(
      sentence,
    );
  if (match === null) return undefined;
  const [, k, n, named = '', more = '0'] = match;
  const listed = clear('equalP').map((row) => `${text(row['metric'])} (ρ = ${text(row['equal'])})`);
  const pieces = named.split(/(?<=\)\)), /).filter(Boolean);
  return [
    ...unless(
      Number(k) === listed.length && Number(n) === judged('equalP').length,
      `the table has ${listed.length} of ${judged('equalP').length}: ${sentence}`,
    ),
    ...unless(pieces.length + Number(more) === listed.length, `names ${pieces.length} and ${more} more: ${sentence}`),
    ...pieces.filter((piece) => !listed.includes(piece)).map((piece) => `"${piece}" is in no row: ${sentence}`),
  ];
};

const NUMBER_WORDS: readonly string[] = ['none', 'one', 'two', 'three', 'four', 'five'];
const TITLES: Readonly<Record<string, string>> = { 'unit operation retrieval': 'uor', 'flowsheet solving': 'fs' };

/** Trials, cells and problems, counted again from the table of every cell and the plan. */
export const basis: Reader = (sentence, _, { campaign, cells, findings }) => {
  if (!sentence.startsWith('The figures rest on ')) return undefined;
  const planned = campaign.order.map((trial) => trial.split('.'));
  const types = [...sentence.matchAll(/(\d+) trials? of ([\w ]+?) \((\d+) of (\d+) cells with fewer than (\w+)\)/g)];
  const problems = /; (\d+) problems? leaves? something out\.$/.exec(sentence);
  const order = /where (\d+) were planned/.exec(sentence);
  const left = findings.filter(({ excluded }) => excluded).length;
  return [
    ...types.flatMap(([, trials, title, few, all, word]) => {
      const wanted = NUMBER_WORDS.indexOf(word);
      const rows = cells.rows.filter((row) => text(row['testType']) === TITLES[title]);
      const ids = new Set([
        ...planned.filter(([, type]) => type === TITLES[title]).map((parts) => parts.slice(0, 4).join('.')),
        ...rows.map(idOf),
      ]);
      const fewer = [...ids].filter((id) => trialsOf(rows.filter((row) => idOf(row) === id)) < wanted).length;
      return unless(
        [Number(trials), Number(few), Number(all)].join() === [trialsOf(rows), fewer, ids.size].join(),
        `the table has ${trialsOf(rows)} trials, ${fewer} of ${ids.size} cells with fewer: ${sentence}`,
      );
    }),
    ...unless(
      types.reduce((sum, [, trials]) => sum + Number(trials), 0) === trialsOf(cells.rows),
      `the table has ${trialsOf(cells.rows)} trials: ${sentence}`,
    ),
    ...unless(order === null || Number(order[1]) === planned.length, `${planned.length} were planned: ${sentence}`),
    ...unless(problems !== null && Number(problems[1]) === left, `${left} findings leave something out: ${sentence}`),
  ];
};

const idOf = (row: CheckedRow) =>
  ['experiment', 'testType', 'variant', 'profile'].map((key) => text(row[key])).join('.');
const trialsOf = (rows: readonly CheckedRow[]) =>
  rows.reduce((sum, row) => sum + (figure(row['trials']).value ?? 0), 0);

/** The row of all attempts that any gate failed. */
const ANY = 'any of them';

/** Which gates failed, by the table of gates. */
export const gates: Reader = (sentence, answer) => {
  const rows = answer.tables.find(({ id }) => id === 'gates')?.rows ?? [];
  const failing = [
    ...new Set(
      rows
        .filter((row) => figure(row['failed']).value! > 0 && text(row['gate']) !== ANY)
        .map((row) => text(row['gate'])),
    ),
  ];
  if (sentence.startsWith('No gate was recorded')) return unless(rows.length === 0, `gates were recorded: ${sentence}`);
  const match = /^(?:Every validity gate passed: |Gates that failed at least once: (.+?); )(.+) failed one\.$/.exec(
    sentence,
  );
  if (match === null) return undefined;
  return [
    ...unless((match[1] ?? '') === failing.join(', '), `the table has ${failing.join(', ') || 'none'}: ${sentence}`),
    ...[...match[2].matchAll(/(\d+) of (\d+) attempts? of ([\w ]+?)(?= and \d|$)/g)].flatMap(([, k, n, title]) => {
      const own = rows.find((row) => text(row['test']) === title && text(row['gate']) === ANY);
      const found = `${text(own?.['failed'])} of ${text(own?.['attempts'])}`;
      return unless(`${k} of ${n}` === found, `the table has ${found} attempts of ${title}: ${sentence}`);
    }),
  ];
};

/** Trials that were overwhelmed, cell by cell. */
export const saturatedTrials: Reader = (sentence, _, { cells }) => {
  const match = /^(\d+) trials? (?:was|were) saturated: /.exec(sentence);
  if (match === null) return undefined;
  const found = cells.rows.reduce((sum, row) => sum + (figure(row['saturated']).value ?? 0), 0);
  return unless(Number(match[1]) === found, `${found} are: ${sentence}`);
};

/** Notes that say what words mean; those that depend on the campaign are held against it. */
export const standing: Reader = (sentence, answer, { campaign, cells }) => {
  if (sentence.startsWith('These figures are rehearsed'))
    return unless(campaign.origin === 'rehearsed', `they are not: ${sentence}`);
  const autoscaler =
    /^The autoscaler that fixed counts are held against is production’s own, (\S+), as the experiment (\S+) ran it\.$/.exec(
      sentence,
    );
  if (autoscaler !== null)
    return unless(
      effectRows(answer).some(({ reference }) => reference === autoscaler[1]) &&
        cells.rows.some(
          (row) => shortName(text(row['variant'])) === autoscaler[1] && text(row['experiment']) === autoscaler[2],
        ),
      `the table has another reference, or the experiment another variant: ${sentence}`,
    );
  return STANDING.some((start) => sentence.startsWith(start)) ? [] : undefined;
};

const STANDING = [
  'A request that fails or is dropped counts as one too slow. Headroom is',
  'Feasible here means that at most 1 % of the requests due failed or were dropped',
  'Within a trial every answer that was read is held against the values of its warm-up',
  'CFS periods and waiting clients are the highest of each trial',
  'Equal load means partial rank correlation beside the offered rate',
  'Confounders that no trial controls:',
];

/** What an answer keeps silent about: cells with lower bounds that no sentence calls saturated. */
export function unsaid(answer: CheckedAnswer, { cells }: CheckedReport): string[] {
  const said = [...answer.sentences, ...answer.notes];
  const [, experiment] = /^(.+)-(?:uor|fs)$/.exec(answer.id) ?? [];
  const isExperiment = cells.rows.some((row) => text(row['experiment']) === experiment);
  return isExperiment && boundedCells(answer).size > 0 && !said.some((one) => one.startsWith('Saturated, '))
    ? ['has lower bounds, and calls nothing saturated']
    : [];
}
