import { overlaps } from './capacities';
import {
  figure,
  near,
  rowsWith,
  tableOf,
  text,
  unless,
  type CheckedAnswer,
  type CheckedRow,
  type Reader,
} from './checked-report';

/** How many variants keep the objective, counted again from their verdicts. */
export const objective: Reader = (sentence, answer) => {
  const match =
    /^Under (\w+) (\d+) of (\d+) variants? keeps? the objective for certain, (\d+) certainly do(?:es)? not, and (\d+) (?:is|are) not decided by their trials\.$/.exec(
      sentence,
    );
  if (match === null) return undefined;
  const rows = verdictsUnder(answer, match[1]);
  const count = (verdict: string) => rows.filter((row) => text(row['verdict']) === verdict).length;
  const found = [count('holds'), rows.length, count('does not hold'), count('not decided')];
  return [
    ...unless(found.join() === match.slice(2).map(Number).join(), `the table has ${found.join(', ')}: ${sentence}`),
    ...rows
      .filter((row) => text(row['verdict']) !== verdictOf(figure(row['share'])))
      .map((row) => `${text(row['variant'])} ${text(row['verdict'])}, by a share of ${text(row['share'])}`),
  ];
};

const verdictsUnder = (answer: CheckedAnswer, profile: string) =>
  tableOf(answer, '-verdicts').filter((row) => text(row['profile']) === profile);

/** 99 % within the objective: the whole interval of what is not has to lie on one side of 1 %. */
function verdictOf({ low, high }: ReturnType<typeof figure>): string {
  if (low == null || high == null) return 'not decided';
  return high <= 1 ? 'holds' : low > 1 ? 'does not hold' : 'not decided';
}

/** The lowest estimate, with how many others cannot be told from it. */
export const lowest: Reader = (spoken, answer) => {
  // A unit stands ahead of a bracket that has none, and behind one that is an interval.
  const sentence = spoken.replace(/ (%|core-s)( \((?:n = 1|\d+ of \d+ trials)[^)]*\))/, '$2 $1');
  const cost =
    /^Of those that do, the lowest estimate of cost is that of (\S+), (.+?) core-s for each thousand good requests(?: \(the intervals of (\d+) of the (\d+) others? overlap it\))?(?:; it sustains (.+?) req\/s)?\.$/.exec(
      sentence,
    );
  const share =
    /^The lowest estimate of requests that fail or take longer is that of (\S+), (.+?) %(?: \(the intervals of (\d+) of the (\d+) others? overlap it\))?\.$/.exec(
      sentence,
    );
  const match = cost ?? share;
  if (match === null) return undefined;
  const profile = /^Under (\w+) /.exec(answer.sentences[0])?.[1] ?? '';
  const key = cost === null ? 'share' : 'cost';
  const rows = verdictsUnder(answer, profile).filter(
    (row) => typeof figure(row[key]).value === 'number' && (cost === null || text(row['verdict']) === 'holds'),
  );
  const [, variant, written, alike = '0', others = '0', sustained] = match;
  const least = Math.min(...rows.map((row) => figure(row[key]).value!));
  const row = rows.find((one) => text(one['variant']) === variant && figure(one[key]).value === least);
  if (row === undefined) return [`another is the lowest: ${sentence}`];
  const rest = rows.filter((one) => one !== row);
  return [
    ...unless(text(row[key]) === written, `the table has ${text(row[key])}: ${sentence}`),
    ...unless(
      sustained === undefined || text(row['headroom']) === sustained,
      `headroom ${text(row['headroom'])}: ${sentence}`,
    ),
    ...unless(rest.length === Number(others), `${rest.length} others: ${sentence}`),
    ...unless(
      rest.filter((one) => overlaps(figure(one[key]), figure(row[key]))).length === Number(alike),
      `another number overlaps: ${sentence}`,
    ),
  ];
};

/** Pods of a fixed count by its name, `replicas-1-8` has nine; none has none. */
const pods = (variant: string) => (variant.match(/\d+/g) ?? []).reduce((sum, count) => sum + Number(count), 0);

/** The fewest pods for each demand that a profile states. */
export const demand: Reader = (sentence, answer) => {
  const rows = tableOf(answer, '-demand').filter((row) => text(row['profile']) !== 'breakpoint');
  if (sentence.startsWith('How many pods each demand needs is not answerable'))
    return unless(rows.length === 0, `the table can tell: ${sentence}`);
  const match = /^Of the fixed counts, the fewest pods that keep the objective for certain: (.+)\.$/.exec(sentence);
  if (match === null) return undefined;
  const found = rows.map((row) => `${text(row['certain'])} at ${text(row['rate'])} req/s (${text(row['profile'])})`);
  return [
    ...unless(match[1] === found.join(', '), `the table has ${found.join(', ')}: ${sentence}`),
    ...rows.flatMap((row) => {
      const [certain, possible] = [figure(row['certain']).value, figure(row['possible']).value];
      return [
        ...unless(
          certain == null || (possible != null && possible <= certain),
          `at ${text(row['rate'])} fewer pods hold for certain than may hold`,
        ),
        ...['certain', 'possible'].flatMap((key) =>
          unless(pods(text(row[key])) === (figure(row[key]).value ?? 0), `${text(row[key])} is no such number of pods`),
        ),
      ];
    }),
  ];
};

/** "… bears a, b and not c": by the error rates of the table, and no profile of either site left out. */
export const feasibility: Reader = (sentence, answer) => {
  if (answer.id !== 'solving-feasibility' || !/ bears |there is no valid trial/.test(sentence)) return undefined;
  const rows = rowsWith(answer, 'errors', 'served');
  return sentence
    .replace(/\.$/, '')
    .split('; ')
    .flatMap((part) => {
      const site = /one machine/i.test(part) ? 'compose' : 'cluster';
      const own = rows.filter((row) => text(row['variant']).includes(site));
      if (part.includes('there is no valid trial')) return unless(own.length === 0, `${site} has trials: ${sentence}`);
      const [borne, failed = ''] = part.includes(' bears none of ') ? ['', part] : part.split(' and not ');
      const listed = (those: string, row: CheckedRow) => new RegExp(`\\b${text(row['profile'])}\\b`).test(those);
      return own.flatMap((row) => {
        const share = figure(row['errors']).value ?? 0;
        const profile = text(row['profile']);
        return [
          ...unless(
            listed(borne, row) !== listed(failed, row),
            `${site} under ${profile} in neither or both: ${sentence}`,
          ),
          ...unless(!listed(borne, row) || share <= 1, `says that ${site} bears ${profile} with ${share} % failed`),
          // One trial of three is enough.
          ...unless(!listed(failed, row) || share > 0.3, `says that ${site} fails ${profile} with ${share} % failed`),
        ];
      });
    });
};

/** Whether both sites find the same solution, value by value. */
export const accuracy: Reader = (sentence, answer) => {
  const rows = tableOf(answer, '-solution');
  if (/^Accuracy is not answerable, because .+\. Remedy: .+\.$/.test(sentence))
    return unless(rows.length === 0, `the table compares ${rows.length} values: ${sentence}`);
  const same =
    /^Solving is as accurate on the cluster as on one machine: all (\d+) values of the solution agree within ([\d.]+) %, the largest difference is ([\d.e+-]+) % \((.+)\)\.$/.exec(
      sentence,
    );
  const other =
    /^The solutions of the cluster and of one machine are not the same: (\d+) of (\d+) values differ by more than ([\d.]+) %, most (.+) with ([\d.e+-]+) %\.$/.exec(
      sentence,
    );
  if (same === null && other === null) return undefined;
  const difference = (row: CheckedRow) => figure(row['difference']).value ?? NaN;
  const worst = rows.reduce((a, b) => (difference(b) > difference(a) ? b : a));
  const [all, limit, most, place] = same === null ? [other![2], other![3], other![5], other![4]] : same.slice(1);
  const beyond = rows.filter((row) => difference(row) > Number(limit)).length;
  return [
    ...unless(rows.length === Number(all), `the table has ${rows.length} values: ${sentence}`),
    ...unless(beyond === (same === null ? Number(other![1]) : 0), `${beyond} differ by more: ${sentence}`),
    ...unless(
      text(worst['place']) === place && near(Number(most), difference(worst), 0.06),
      `the largest is ${difference(worst)} of ${text(worst['place'])}: ${sentence}`,
    ),
  ];
};
