import {
  figure,
  near,
  rowOf,
  rowsWith,
  shortName,
  tableOf,
  text,
  unless,
  type CheckedAnswer,
  type CheckedRow,
  type Reader,
} from './checked-report';

const NONE = 'none up to the peak rate';
/** Percent of failures with which a variant still holds a rate. */
const TOLERATED = 1;

/** "with … the linear regime ends at …", from the row of that variant. */
export const capacity: Reader = (sentence, answer) => {
  const ramps = rowsWith(answer, 'breakpoint').filter((row) => text(row['profile']) === 'breakpoint');
  if (sentence.startsWith('The campaign holds no valid breakpoint trial'))
    return unless(ramps.length === 0, `the table has ${ramps.length} breakpoint cells: ${sentence}`);
  const match = /^Under climbing load, (with .+)\.$/.exec(sentence);
  if (match === null) return undefined;
  return match[1].split(/; (?=with )/).flatMap((piece) => {
    const [, variant, rate, failed] =
      /^with (\S+) (?:the linear regime ends at (.+ req\/s.*)|it holds up to the peak rate|no breakpoint is seen up to the peak rate, with (.+))$/.exec(
        piece,
      ) ?? [undefined, '', undefined, undefined];
    const row = rowOf(answer, { variant, profile: 'breakpoint' }, 'breakpoint');
    const found = text(row?.['breakpoint']);
    const share = figure(row?.['errors']).value ?? 0;
    const none = failed === undefined ? NONE : `${NONE}, with ${failed}`;
    if (rate === undefined && (failed === undefined ? share > TOLERATED : Number.parseFloat(failed) <= TOLERATED))
      return [`${share} % failed: ${sentence}`];
    return unless(
      (rate?.replace(' req/s', '') ?? none) === found,
      `says "${piece}", the table "${found}": ${sentence}`,
    );
  });
};

/** The scalability law, fitted values and all: what the sentence says must give the fitted column back. */
export const scalability: Reader = (sentence, answer) => {
  const unfitted =
    /^The Universal Scalability Law cannot be fitted: breakpoints are known for (\d+) replica counts?/.exec(sentence);
  if (unfitted !== null) {
    const counts = new Set(
      rowsWith(answer, 'breakpoint')
        .filter((row) => typeof figure(row['breakpoint']).value === 'number' && isBalanced(text(row['variant'])))
        .map((row) => text(row['variant'])),
    ).size;
    return unless(counts === Number(unfitted[1]) && counts < 3, `the table has ${counts} counts: ${sentence}`);
  }
  const match =
    /^The Universal Scalability Law gives a contention of α = ([\d.e+-]+)(?: \(([\d.e+-]+) to ([\d.e+-]+)\))? and a coherency cost of β = ([\d.e+-]+)(?: \(([\d.e+-]+) to ([\d.e+-]+)\))?(?: \(R² = ([\d.]+)\))?(.+)$/.exec(
      sentence,
    );
  if (match === null) return undefined;
  const [alpha, alphaLow, alphaHigh, beta, betaLow, betaHigh, rSquared] = match.slice(1, 8).map(Number);
  const rows = tableOf(answer, '-scalability');
  return [
    ...fittedRows(rows, alpha, beta).map((problem) => `${problem}: ${sentence}`),
    ...unless(
      Number.isNaN(rSquared) || near(rSquared, explained(rows), 0.002),
      `R² is ${explained(rows)}: ${sentence}`,
    ),
    ...peak(match[8], { alpha, alphaLow, alphaHigh, beta, betaLow, betaHigh }).map(
      (problem) => `${problem}: ${sentence}`,
    ),
  ];
};

const isBalanced = (variant: string) => {
  const counts = variant.replace('replicas-', '').split('-');
  return counts.every((count) => count === counts[0]);
};

const value = (row: CheckedRow, key: string) => figure(row[key]).value ?? NaN;

function fittedRows(rows: readonly CheckedRow[], alpha: number, beta: number): string[] {
  const shape = (n: number) => n / (1 + alpha * (n - 1) + beta * n * (n - 1));
  const first = rows[0];
  if (first === undefined) return ['no table of the fit'];
  const gamma = value(first, 'fitted') / shape(value(first, 'replicas'));
  return [
    ...unless(
      rows.every((row) => near(gamma * shape(value(row, 'replicas')), value(row, 'fitted'), 0.01)),
      'the fitted column follows another law',
    ),
    ...unless(
      rows.every((row) => Math.abs(value(row, 'rate') - value(row, 'fitted') - value(row, 'residual')) < 1e-6),
      'residuals are not what is left',
    ),
  ];
}

function explained(rows: readonly CheckedRow[]): number {
  const rates = rows.map((row) => value(row, 'rate'));
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const left = rows.reduce((sum, row) => sum + value(row, 'residual') ** 2, 0);
  return 1 - left / rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
}

interface Law {
  readonly alpha: number;
  readonly alphaLow: number;
  readonly alphaHigh: number;
  readonly beta: number;
  readonly betaLow: number;
  readonly betaHigh: number;
}

/** What is said of a peak is what the intervals allow, no more. */
function peak(said: string, { alpha, alphaLow, alphaHigh, beta, betaLow, betaHigh }: Law): string[] {
  const at = (contention: number, coherency: number) => Math.max(1, Math.sqrt(Math.max(0, 1 - contention) / coherency));
  if (said === '; three counts fix the law and leave nothing to judge it by.')
    return unless(Number.isNaN(alphaLow) || Number.isNaN(betaLow), 'has intervals to judge by');
  if (said === ', which shows no replica count beyond which throughput would fall.')
    return unless(betaHigh === 0 && alphaHigh <= 1, `β up to ${betaHigh} allows a peak at ${at(alphaHigh, betaHigh)}`);
  if (said === ', so throughput would fall from the second replica on.')
    return unless(alphaLow > 1, `α from ${alphaLow} on lets a second replica add`);
  if (said === ', which shows no peak for certain, and excludes none.')
    return unless(betaLow === 0 && at(alphaHigh, betaHigh) === 1, `the intervals allow ${at(alphaHigh, betaHigh)}`);
  const below = /^, which shows no peak for certain, and excludes one only below ([\d.]+) replicas\.$/.exec(said);
  if (below !== null)
    return [
      ...unless(betaLow === 0, 'β is above zero for certain, so there is a peak'),
      ...unless(
        near(Number(below[1]), at(alphaHigh, betaHigh), 0.02),
        `the intervals allow ${at(alphaHigh, betaHigh)}`,
      ),
    ];
  const peaks = /^, so throughput would peak at ([\d.]+) \(([\d.]+) to ([\d.]+)\) replicas\.$/.exec(said);
  if (peaks === null) return [`cannot be read: ${said}`];
  const [one, earliest, latest] = peaks.slice(1).map(Number);
  return [
    ...unless(betaLow > 0, 'β may be zero, so a peak is not certain'),
    ...unless(near(one, at(alpha, beta), 0.02), `the law peaks at ${at(alpha, beta)}`),
    ...unless(
      near(earliest, at(alphaHigh, betaHigh), 0.02) && near(latest, at(alphaLow, betaLow), 0.02),
      'the range is not that of the intervals',
    ),
  ];
}

/** What is called saturated has lower bounds in the table, and nothing else has. */
export const saturation: Reader = (sentence, answer) => {
  const match =
    /^Saturated, with starts dropped because every virtual user was waiting: (.*)\. Dropped starts count/.exec(
      sentence,
    );
  if (match === null) return undefined;
  const said = new Set(
    match[1].split('; ').flatMap((group) => {
      const [, names, profile] = /^(.*) under (\w+)$/.exec(group) ?? [undefined, group, ''];
      return names.split(', ').map((name) => `${name}|${profile}`);
    }),
  );
  const bounded = boundedCells(answer);
  return [
    ...[...bounded].filter((one) => !said.has(one)).map((one) => `${one} has lower bounds and is not called saturated`),
    ...[...said]
      .filter((one) => !bounded.has(one) && !one.endsWith('|breakpoint'))
      .map((one) => `${one} is called saturated and has no lower bound`),
  ];
};

/** Cells whose response times are lower bounds, as `variant|profile`. */
export function boundedCells(answer: CheckedAnswer): Set<string> {
  return new Set(
    rowsWith(answer, 'p95', 'variant', 'profile')
      .filter((row) => text(row['p95']).startsWith('≥'))
      .map((row) => `${text(row['variant'])}|${text(row['profile'])}`),
  );
}

/** Cells that have no valid trial: exactly those that were planned and are in no table. */
export const missing: Reader = (sentence, answer, { campaign, cells }) => {
  const match = /^In no figure, for want of a valid trial: (.+)\.$/.exec(sentence);
  if (match === null) return undefined;
  const [, experiment, testType] = /^(.+)-(uor|fs)$/.exec(answer.id) ?? [undefined, '', ''];
  const present = new Set(
    cells.rows
      .filter((row) => text(row['experiment']) === experiment && text(row['testType']) === testType)
      .map((row) => `${shortName(text(row['variant']))}|${text(row['profile'])}`),
  );
  const planned = campaign.order
    .map((trial) => trial.split('.'))
    .filter(([of, type]) => of === experiment && type === testType)
    .map(([, , variant, profile]) => `${shortName(variant)}|${profile}`);
  const absent = [...new Set(planned)].filter((one) => !present.has(one)).sort();
  const said = match[1]
    .split(/; /)
    .flatMap((group) => {
      const [, names, profile] = /^(.*) under (\w+) \(.+\)$/.exec(group) ?? [undefined, group, ''];
      return names.split(', ').map((name) => `${name}|${profile}`);
    })
    .sort();
  return unless(said.join() === absent.join(), `${absent.join(', ')} are missing: ${sentence}`);
};

/** What one static replica sustains, from the cells of one replica. */
export const provisioning: Reader = (sentence, answer, { cells }) => {
  if (!sentence.startsWith('Over- and under-provisioning')) return undefined;
  const testType = answer.id.endsWith('-fs') ? 'fs' : 'uor';
  const ramps = cells.rows.filter(
    (row) =>
      text(row['experiment']) === 'replica-count' &&
      text(row['testType']) === testType &&
      text(row['profile']) === 'breakpoint',
  );
  const single = (workload: string) => {
    const place = testType === 'fs' && workload === 'idaes' ? /-1$/ : /replicas-1(-|$)/;
    return ramps.filter((row) => place.test(text(row['variant'])));
  };
  const pods = [...sentence.matchAll(/(at least )?([\d.]+) req\/s a pod of ([\w-]+)/g)];
  if (pods.length === 0)
    return unless(
      sentence.includes('is not answerable') &&
        single('django-api').every((row) =>
          [row['breakpoint'], row['sustained']].every((one) => figure(one).value == null),
        ),
      `one replica has a capacity: ${sentence}`,
    );
  return pods.flatMap(([, atLeast, rate, workload]) => {
    const column = atLeast === undefined ? 'breakpoint' : 'sustained';
    const found = single(workload).flatMap((row) => figure(row[column]).value ?? []);
    return unless(near(Number(rate), Math.max(...found), 0.005), `${workload} has ${found.join(', ')}: ${sentence}`);
  });
};

/** The most of what holds pods up: the highest estimate, and how many others reach it. */
export const pressure: Reader = (sentence, { id }, { cells }) => {
  if (id !== 'resource-pressure') return undefined;
  if (/^Not known (on|under) .+: .+ \(needs .+\)\.$/.test(sentence)) return [];
  const zero = /^(.+): 0(?: .+)? wherever it is known\.$/.exec(sentence);
  const match =
    /^(.+): the highest estimate is that of (\S+) under (\w+), (.+?\)|[^ ]+)(?: [^ (]+(?: [^ (]+)*)?(?: \(the intervals of (\d+) of the (\d+) others? overlap it\))?\.$/.exec(
      sentence,
    );
  const key = KEYS[(zero ?? match)?.[1] ?? ''];
  if (key === undefined) return undefined;
  const known = cells.rows.filter((row) => typeof figure(row[key]).value === 'number');
  const most = Math.max(...known.map((row) => value(row, key)));
  if (match === null) return unless(most === 0, `the table has ${most}: ${sentence}`);
  const [, , variant, profile, written, alike = '0', others = '0'] = match;
  const row = known.find(
    (one) =>
      shortName(text(one['variant'])) === variant && text(one['profile']) === profile && value(one, key) === most,
  );
  if (row === undefined) return [`another is the highest: ${sentence}`];
  const rest = known.filter((one) => one !== row);
  return [
    ...unless(
      text(row[key]) === written.replace(/ [^(]+(?= \(n = 1\))/, ''),
      `the table has ${text(row[key])}: ${sentence}`,
    ),
    ...unless(rest.length === Number(others), `${rest.length} others: ${sentence}`),
    ...unless(
      rest.filter((one) => overlaps(figure(one[key]), figure(row[key]))).length === Number(alike),
      `another number overlaps: ${sentence}`,
    ),
  ];
};

const KEYS: Readonly<Record<string, string>> = {
  'Most throttled container': 'throttled',
  'Most clients waiting at PgBouncer': 'waitingClients',
  'Disk traffic of containers': 'containerDisk',
  'Network traffic of pods': 'podNetwork',
};

/** Whether two figures cannot be told apart; without bounds nothing can. */
export function overlaps(one: ReturnType<typeof figure>, other: ReturnType<typeof figure>): boolean {
  return (one.low ?? -Infinity) <= (other.high ?? Infinity) && (other.low ?? -Infinity) <= (one.high ?? Infinity);
}
