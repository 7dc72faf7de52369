/** Values that every answer to the same request had, by where they stand, such as `/3/properties/7/value`. */
export type SteadyValues = Readonly<Record<string, string | number | boolean>>;

/** A solver that starts elsewhere ends elsewhere by less than this share. */
const SAME_NUMBER = 1e-4;

/**
 * Names of fields that tell of the run and not of its result: they are alike on an idle system with one pod, and may be
 * others under load.
 */
const OF_THE_RUN =
  /(^|_)(time|times|timestamp|duration|elapsed|seconds|ms|wait|waited|queue|queued|attempts?|retries|host|hostname|node|pod|worker|server|pid|thread|process|session|trace|span|request|correlation|task|job|run|date|created|updated|modified|started|finished|at)$/;
/** Whose id it is decides: `worker_id` tells of the run, `flowsheet_id` and a plain `id` of the result. */
const NAME_OF_ID = /(^|_)(id|uuid|name)$/;

/** What all of some answers have in common. */
export function steadyValues(answers: readonly unknown[]): SteadyValues {
  const [first, ...others] = answers.map(valuesOf);
  const steady = [...(first ?? [])].filter(([place, value]) => others.every((one) => isSame(value, one.get(place))));
  return Object.fromEntries(steady);
}

/**
 * Whether an answer says nothing else than those before it. What it does not hold is left to its structure, but for entries
 * with an id: an answer without them is of another flowsheet.
 */
export function keepsTo(steady: SteadyValues, answer: unknown): boolean {
  const values = valuesOf(answer);
  for (const [place, value] of values) if (Object.hasOwn(steady, place) && !isSame(steady[place]!, value)) return false;
  return Object.keys(steady).every((place) => !isEntry(place) || values.has(place));
}

/** Every value of an answer by its place; the order of entries that have an id of their own does not matter. */
function valuesOf(answer: unknown): Map<string, string | number | boolean> {
  const values = new Map<string, string | number | boolean>();
  const walk = (value: unknown, place: string) => {
    if (Array.isArray(value)) value.forEach((entry, index) => walk(entry, `${place}/${idOf(entry) ?? index}`));
    else if (isEntry(place) && !values.has(place)) {
      values.set(place, true);
      walk(value, place);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries(value)) if (!isOfTheRun(name)) walk(field, `${place}/${name}`);
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      values.set(place, value);
  };
  walk(answer, '');
  return values;
}

/**
 * Numbers of an answer by their place, the same for the same result on another system: entries stand by their order, since each
 * system gives ids of its own.
 */
export function comparableNumbers(steady: SteadyValues): Record<string, number> {
  const places = new Map<string, number>();
  const found: Record<string, number> = {};
  for (const [place, value] of Object.entries(steady)) {
    const own = place.replace(/([^]*?)\/id [^/]*/g, (entry, before: string) => {
      if (!places.has(entry))
        places.set(entry, [...places.keys()].filter((one) => one.startsWith(`${before}/id `)).length);
      return `${before}/${places.get(entry)}`;
    });
    if (typeof value === 'number' && !OF_A_SYSTEM.test(own)) found[own] = value;
  }
  return found;
}

/** Ids and owners differ between systems and are no result. */
const OF_A_SYSTEM = /(^|[/_])(id|owner|[a-zA-Z]*(Id|Owner))$/;

/** Whether a place is that of an entry with an id, not of a value in it. */
function isEntry(place: string): boolean {
  return /\/id [^/]*$/.test(place);
}

function idOf(entry: unknown): string | undefined {
  const id: unknown = typeof entry === 'object' && entry !== null ? (entry as { id?: unknown }).id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? `id ${id}` : undefined;
}

/** `solveTime` and `solve_time` alike. */
function isOfTheRun(name: string): boolean {
  const snake = name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
  return OF_THE_RUN.test(snake.replace(NAME_OF_ID, '')) || OF_THE_RUN.test(snake);
}

function isSame(one: string | number | boolean, other: string | number | boolean | undefined): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  return Math.abs(one - other) <= SAME_NUMBER * Math.max(Math.abs(one), Math.abs(other));
}
