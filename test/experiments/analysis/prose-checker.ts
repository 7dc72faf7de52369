/** The parts of a report's JSON that the checker reads. */
export interface CheckedReport {
  readonly answers: readonly CheckedAnswer[];
}

interface CheckedAnswer {
  readonly id: string;
  readonly unanswerable?: string;
  readonly sentences: readonly string[];
  readonly notes: readonly string[];
  readonly tables: readonly { readonly id: string; readonly rows: readonly Record<string, unknown>[] }[];
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : ((value as { text?: string } | undefined)?.text ?? '');

const NOT_APART = /^(no difference|identical|not comparable)/;
const WINNERS = /\b(best|fastest|lowest|winner|wins|beats|outperforms)\b/i;

/** Everything in which the sentences of a report contradict its own tables. */
export function contradictions({ answers }: CheckedReport): string[] {
  return answers.flatMap((answer) => {
    const say = (problem: string) => `${answer.id}: ${problem}`;
    if (answer.unanswerable !== undefined)
      return answer.sentences.length + answer.tables.length > 0 ? [say('not answerable, and answered')] : [];
    return [...answer.sentences, ...answer.notes].flatMap((sentence) =>
      [
        ...detection(sentence, answer),
        ...figures(sentence, answer),
        ...saturation(sentence, answer),
        ...feasibility(sentence, answer),
        ...(WINNERS.test(sentence) ? [`names a winner: ${sentence}`] : []),
      ].map(say),
    );
  });
}

interface EffectRow {
  readonly variant: string;
  readonly reference: string;
  readonly profile: string;
  readonly measure: string;
  readonly words: string;
}

function effectRows({ tables }: CheckedAnswer): EffectRow[] {
  return tables
    .flatMap(({ rows }) => rows)
    .filter((row) => 'reference' in row && 'words' in row)
    .map((row) => ({
      variant: text(row['variant']),
      reference: text(row['reference']),
      profile: text(row['profile']),
      measure: text(row['measure']),
      words: text(row['words']),
    }));
}

/** "By …, the trials tell k of n … from …: …": counted again from the table, and every variant named found in it. */
function detection(sentence: string, answer: CheckedAnswer): string[] {
  const match =
    /^By (.+?)(?: under (?:the )?(\w+))?, the trials tell (\d+) of (\d+) (?:variants?|comparisons) (?:from|with) (\S+?)(?: apart)?([:;].*|)\.$/.exec(
      sentence,
    );
  if (match === null) return sentence.includes('the trials tell') ? [`cannot be read: ${sentence}`] : [];
  const [, what, profile, k, n, reference, rest] = match;
  const seen = new Set<string>();
  const rows = effectRows(answer).filter((row) => {
    const key = `${row.variant}|${row.profile}|${row.measure}`;
    const fits =
      (row.measure === what || row.measure.startsWith(what)) &&
      row.reference === reference &&
      (profile === undefined || row.profile === profile) &&
      !seen.has(key);
    if (fits) seen.add(key);
    return fits;
  });
  const comparable = rows.filter(({ words }) => !words.startsWith('not comparable'));
  const apart = comparable.filter(({ words }) => !NOT_APART.test(words));
  const problems: string[] = [];
  if (Number(k) !== apart.length || Number(n) !== comparable.length)
    problems.push(`says ${k} of ${n}, the table ${apart.length} of ${comparable.length}: ${sentence}`);
  const named = rest.split(/; for |; \d+ not comparable/)[0].replace(/^[:;] ?/, '');
  for (const piece of named === '' ? [] : named.split(/, | and \d+ more/).filter(Boolean)) {
    const row = apart.find(({ variant, profile: under, words }) =>
      [`${variant} ${words}`, `${variant} under ${under} ${words}`].includes(piece.trim()),
    );
    if (row === undefined) problems.push(`names "${piece}", which no row of the table says: ${sentence}`);
  }
  return problems;
}

const ESTIMATE = /(?:≥ )?[\d,.]+(?:e[+-]\d+)? \(([\d,.e+-]+) (?:to ([\d,.e+-]+)|or more)(?:; \d+ of \d+ trials)?\)/g;

/** Every estimate quoted stands in a table of the answer, and lies within its own interval. */
function figures(sentence: string, { tables, id }: CheckedAnswer): string[] {
  const shown = tables.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row).map(text)));
  return [...sentence.matchAll(ESTIMATE)].flatMap(([whole, low, high]) => {
    const number = (one: string | undefined) => (one === undefined ? Infinity : Number(one.replaceAll(',', '')));
    const value = number(/[\d,.]+(?:e[+-]\d+)?/.exec(whole)![0]);
    const fitted = /[αβ] = |peak at /.test(sentence.slice(0, sentence.indexOf(whole)).slice(-8));
    return [
      ...(value < number(low) || value > number(high) ? [`${whole} is outside its own interval`] : []),
      ...(fitted || id === 'threats' || shown.some((cell) => cell === whole || cell.includes(whole))
        ? []
        : [`quotes ${whole}, which is in no table: ${sentence}`]),
    ];
  });
}

/** What is called saturated has lower bounds in the table, and nothing else has. */
function saturation(sentence: string, { tables }: CheckedAnswer): string[] {
  const match = /^Saturated, .*?: (.*)\. Dropped starts/.exec(sentence);
  if (match === null) return [];
  const said = new Set(
    match[1].split('; ').flatMap((group) => {
      const [, names, profile] = /^(.*) under (\w+)$/.exec(group)!;
      return names.split(', ').map((name) => `${name}|${profile}`);
    }),
  );
  const bounded = new Set(
    tables
      .flatMap(({ rows }) => rows)
      .filter((row) => text(row['p95']).startsWith('≥'))
      .map((row) => `${text(row['variant'])}|${text(row['profile'])}`),
  );
  return [
    ...[...bounded].filter((one) => !said.has(one)).map((one) => `${one} has lower bounds and is not called saturated`),
    ...[...said]
      .filter((one) => !bounded.has(one) && !one.endsWith('|breakpoint'))
      .map((one) => `${one} is called saturated and has no lower bound`),
  ];
}

/** "… bears a, b and not c": by the error rates of the table. */
function feasibility(sentence: string, { id, tables }: CheckedAnswer): string[] {
  if (id !== 'solving-feasibility' || !sentence.includes(' bears ')) return [];
  const rows = tables.flatMap(({ rows: all }) => all);
  return sentence
    .replace(/\.$/, '')
    .split('; ')
    .flatMap((part) => {
      const site = /one machine/i.test(part) ? 'compose' : 'cluster';
      const [borne] = part.split(/ and not | bears none of /);
      return rows
        .filter((row) => text(row['variant']).includes(site))
        .flatMap((row) => {
          const share = (row['errors'] as { value?: number } | undefined)?.value ?? 0;
          const profile = text(row['profile']);
          return borne.includes(profile) && share > 1
            ? [`says that ${site} bears ${profile} with ${share} % failed`]
            : [];
        });
    });
}
