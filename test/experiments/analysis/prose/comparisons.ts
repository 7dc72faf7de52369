import { rowOf, rowsWith, tableOf, text, unless, type CheckedAnswer, type Reader } from './checked-report';

interface EffectRow {
  readonly variant: string;
  readonly reference: string;
  readonly profile: string;
  readonly measure: string;
  readonly words: string;
}

const NOT_APART = /^(no difference|identical)/;
const apart = ({ words }: EffectRow) => comparable({ words }) && !NOT_APART.test(words);
const comparable = ({ words }: Pick<EffectRow, 'words'>) => !words.startsWith('not comparable');

export function effectRows(answer: CheckedAnswer): EffectRow[] {
  const seen = new Set<string>();
  return rowsWith(answer, 'reference', 'words')
    .map((row) => ({
      variant: text(row['variant']),
      reference: text(row['reference']),
      profile: text(row['profile']),
      measure: text(row['measure']),
      words: text(row['words']),
    }))
    .filter((row) => {
      const key = JSON.stringify(row);
      return !seen.has(key) && seen.add(key);
    });
}

const TOLD =
  /^By (.+?)(?: under (?:the )?(\w+))?, the trials tell (\d+) of (\d+) (?:variants?|comparisons) (?:from|with) (\S+?)(?: apart)?(?:: (.+?))?(?:; for (.+?))?(?:; (\d+) not comparable)?\.$/;

/** "By …, the trials tell k of n … from …": every count is made again from the table, and every variant named found in it. */
export const detection: Reader = (sentence, answer) => {
  const match = TOLD.exec(sentence);
  if (match === null) return undefined;
  const [, what, profile, k, n, reference, named, untold, without] = match;
  const rows = effectRows(answer).filter(
    (row) =>
      row.measure === bare(what) && row.reference === reference && (profile === undefined || row.profile === profile),
  );
  const compared = rows.filter(comparable);
  const told = compared.filter(apart);
  const hidden = compared.filter((row) => !apart(row));
  return [
    ...unless(
      Number(k) === told.length && Number(n) === compared.length,
      `says ${k} of ${n}, the table ${told.length} of ${compared.length}: ${sentence}`,
    ),
    ...unless(
      Number(without ?? 0) === rows.length - compared.length,
      `${rows.length - compared.length} are not comparable: ${sentence}`,
    ),
    ...namedRows(named, told, sentence),
    ...untoldRow(untold, hidden, sentence),
  ];
};

const bare = (measure: string) => measure.replace(/^the /, '');
const names = ({ variant, profile }: EffectRow) => [variant, `${variant} under ${profile}`];

function namedRows(named: string | undefined, told: readonly EffectRow[], sentence: string): string[] {
  const more = / and (\d+) more$/.exec(named ?? '');
  const pieces = (named ?? '')
    .replace(/ and \d+ more$/, '')
    .split(', ')
    .filter(Boolean);
  return [
    ...pieces
      .filter((piece) => !told.some((row) => names(row).some((name) => piece === `${name} ${row.words}`)))
      .map((piece) => `names "${piece}", which no row of the table says: ${sentence}`),
    ...unless(
      new Set(pieces).size === pieces.length && pieces.length + Number(more?.[1] ?? 0) === told.length,
      `names ${pieces.length} and ${more?.[1] ?? 0} more of ${told.length}: ${sentence}`,
    ),
  ];
}

function untoldRow(untold: string | undefined, hidden: readonly EffectRow[], sentence: string): string[] {
  if (untold === undefined)
    return unless(hidden.length === 0, `is silent on ${hidden.length} not told apart: ${sentence}`);
  const among = hidden.length === 1 ? '' : `, one of ${hidden.length} not told apart`;
  return unless(
    hidden.some((row) => names(row).some((name) => untold === `${name}${among}: ${row.words}`)),
    `says of "${untold}" what no row of the table says: ${sentence}`,
  );
}

/** "Nothing can be held against …": then no row of that measure is comparable. */
export const nothingHeld: Reader = (sentence, answer) => {
  const match = /^Nothing can be held against (.+?) by (.+?)(?: under (?:the )?(\w+))?(?:: (.+))?\.$/.exec(sentence);
  if (match === null) return undefined;
  const [, reference, what, profile, reasons] = match;
  const rows = effectRows(answer).filter(
    (row) =>
      row.measure === bare(what) &&
      (reference === 'the reference' || row.reference === reference) &&
      (profile === undefined || row.profile === profile),
  );
  return [
    ...unless(
      (rows.length === 0) === (reasons ?? '').startsWith('it and another variant have no valid trials'),
      `the table holds ${rows.length} rows of that measure: ${sentence}`,
    ),
    ...unless(
      !rows.some(comparable),
      `the table holds ${rows.filter(comparable).length} such comparisons: ${sentence}`,
    ),
    ...(rows.length === 0 ? '' : (reasons ?? ''))
      .split('; ')
      .filter((reason) => reason !== '' && !rows.some(({ words }) => words === `not comparable: ${reason}`))
      .map((reason) => `gives a reason that no row has, "${reason}": ${sentence}`),
  ];
};

/** Which of API and solver limits solving: pairs in which one of them alone grows. */
export const limits: Reader = (sentence, answer) => {
  const rows = effectRows({ ...answer, tables: answer.tables.filter(({ id }) => id.endsWith('-limits')) });
  if (sentence.startsWith('Which of API and solver limits solving is not answerable'))
    return unless(!rows.some(comparable), `the table can tell: ${sentence}`);
  const match = /^Held against each other one at a time, (.+)\.$/.exec(sentence);
  if (match === null) return undefined;
  return ['API', 'solver'].flatMap((kind) => {
    const own = rows.filter((row) => comparable(row) && growing(row) === kind);
    if (own.length === 0)
      return unless(sentence.includes(`for more ${kind} pods there is nothing`), `nothing on ${kind}: ${sentence}`);
    const raised = own.filter((row) => apart(row) && !row.words.includes('lower'));
    const listed = raised.map(
      ({ variant, reference, words }) => `${variant} against ${reference.replace('replicas-', '')}: ${words}`,
    );
    const said = `more ${kind} pods alone raise the breakpoint in ${raised.length} of ${own.length} pairs${listed.length === 0 ? '' : ` (${listed.join(', ')})`}`;
    return unless(`${match[1]};`.includes(`${said};`), `the table has "${said}": ${sentence}`);
  });
};

function growing({ variant, reference }: EffectRow): string | undefined {
  const counts = (name: string) => (/(\d+)-(\d+)$/.exec(name) ?? []).slice(1).map(Number);
  const [[api, solver], [apiBefore, solverBefore]] = [counts(variant), counts(reference)];
  if (api === apiBefore && solver > solverBefore) return 'solver';
  return solver === solverBefore && api > apiBefore ? 'API' : undefined;
}

/** What a factor moves, by the rows of the design's table. */
export const factors: Reader = (sentence, answer) => {
  const match =
    /^Over (\d+) of the (\d+) cells of the design under (\w+), (.+?) (?:depends on (.+?)|(is moved by neither factor detectably))(?:; not detectably on (.+?))?(; the factors must be chosen together)?(?:; (.+), so this holds among the others alone)?\.$/.exec(
      sentence,
    );
  if (match === null) return undefined;
  const [, used, all, profile, measure, moving = '', , still = '', together, left = ''] = match;
  const rows = tableOf(answer, '-factors').filter(
    (row) => text(row['measure']) === measure && text(row['profile']) === profile,
  );
  const moves = (row: (typeof rows)[number]) => text(row['words']) === 'moves it';
  const listed = (those: string) =>
    those
      .replace(/ \([^)]*\)/g, '')
      .split(', ')
      .filter(Boolean)
      .sort()
      .join();
  const found = (those: typeof rows) =>
    those
      .map((row) => text(row['factor']))
      .sort()
      .join();
  const cells = tableOf(answer, '-measures').filter((row) => text(row['profile']) === profile).length;
  const outside = [...left.matchAll(/(\d+) are left out/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return [
    ...unless(rows.length === 3, `no such design: ${sentence}`),
    ...unless(listed(moving) === found(rows.filter(moves)), `moves other factors: ${sentence}`),
    ...unless(
      moving === '' || listed(still) === found(rows.filter((row) => !moves(row))),
      `leaves other factors unmoved: ${sentence}`,
    ),
    ...unless(
      (together !== undefined) === rows.some((row) => moves(row) && text(row['factor']).startsWith('interaction')),
      `on the interaction: ${sentence}`,
    ),
    ...unless(Number(all) === cells && Number(used) + outside === cells, `the design has ${cells} cells: ${sentence}`),
    ...[...moving.matchAll(/(CPU request|target utilisation) \(([^)]*)\)/g)].flatMap(([, factor, means]) =>
      unless(
        rows.some((row) => text(row['factor']) === factor && text(row['means']) === means),
        `other means by ${factor} in the table: ${sentence}`,
      ),
    ),
  ];
};

/** Cluster against one machine: each figure from the row of its own site, each verdict from the row of the effect. */
export const benchmark: Reader = (sentence, answer) => {
  if (!answer.id.startsWith('benchmark-') || sentence.startsWith('By ')) return undefined;
  const match =
    /^(?:What either sustains is not known, for want of a valid breakpoint trial on both|Under climbing load the cluster sustains (.+?), one machine (.+?)(?: \(one machine: (.+?)\))?)(?:; at average load the p95 response time is (.+?) on the cluster and (.+?) on one machine(?: \(one machine: (.+?)\))?)?\.$/.exec(
      sentence,
    );
  if (match === null) return undefined;
  const [, sustained, ofMachine, words, p95, p95OfMachine, p95Words] = match;
  const cell = (site: string, profile: string, column: string) =>
    text(rowOf(answer, { variant: `benchmark-${site}`, profile }, column)?.[column]).replace(
      /^–?$/,
      column === 'sustained' ? 'no known rate' : 'unknown',
    );
  const effect = (profile: string, measure: string) =>
    effectRows(answer).find((row) => row.profile === profile && row.measure === measure)?.words;
  const same = (said: string | undefined, found: string | undefined) =>
    unless(
      said === undefined || said.replace(/ (req\/s|ms)(?=$| \()/, '') === found,
      `says "${said}", the table "${found}": ${sentence}`,
    );
  return [
    ...same(sustained, cell('cluster', 'breakpoint', 'sustained')),
    ...same(ofMachine, cell('compose', 'breakpoint', 'sustained')),
    ...same(words, effect('breakpoint', 'peak sustained throughput')),
    ...same(p95, cell('cluster', 'average', 'p95')),
    ...same(p95OfMachine, cell('compose', 'average', 'p95')),
    ...same(p95Words, effect('average', 'p95 response time')),
  ];
};

/** Two campaigns side by side. */
export const campaigns: Reader = (sentence, answer) => {
  if (answer.id !== 'two-campaigns') return undefined;
  const rows = answer.tables.flatMap(({ rows: all }) => all);
  const shared = /^The campaigns share (\d+) cells?; /.exec(sentence);
  const cells = new Set(rows.map((row) => text(row['cell']))).size;
  if (shared !== null) return unless(Number(shared[1]) === cells, `the table has ${cells} cells: ${sentence}`);
  const match = /^Of (\d+) comparisons? (\d+) differs? beyond chance(?:, such as (.+))?\.$/.exec(sentence);
  if (match === null) return undefined;
  const words = rows.map((row) => ({ row, words: text(row['words']) }));
  const known = words.filter(comparable);
  const told = known.filter(({ words: one }) => !NOT_APART.test(one));
  return [
    ...unless(
      Number(match[1]) === known.length && Number(match[2]) === told.length,
      `the table has ${told.length} of ${known.length}: ${sentence}`,
    ),
    ...(match[3] ?? '')
      .split(', ')
      .filter(Boolean)
      .filter(
        (piece) =>
          !told.some(
            ({ row, words: one }) =>
              piece === `${text(row['measure']).replace(/, [^,]*$/, '')} of ${text(row['cell'])} ${one}`,
          ),
      )
      .map((piece) => `names "${piece}", which no row says: ${sentence}`),
  ];
};
