import { Visitor } from '../gateway/visitor';

/** What a user met: `ok`, or what went wrong; and how long it took, in milliseconds from the scheduled start. */
export interface Outcome {
  readonly result: string;
  readonly milliseconds: number;
}

/** One kind of request of the load. */
export interface LoadSource {
  readonly perSecond: number;
  readonly ask: (visitor: Visitor) => ReturnType<Visitor['ask']>;
}

/**
 * An open load: requests start on schedule whatever became of those before, each as a new visitor on a new connection. Ends when
 * `work` has ended, after every request has been answered.
 */
export async function underSteadyLoad(
  gatewayPort: number,
  sources: readonly LoadSource[],
  work: () => Promise<void>,
): Promise<Outcome[]> {
  const outcomes: Promise<Outcome>[] = [];
  const timers = sources.map(({ perSecond, ask }) =>
    setInterval(() => outcomes.push(outcomeOf(() => ask(new Visitor(gatewayPort)))), 1000 / perSecond),
  );
  try {
    await work();
  } finally {
    timers.forEach(clearInterval);
  }
  return Promise.all(outcomes);
}

/** Results other than `ok` with their counts. */
export function failuresIn(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of outcomes) if (result !== 'ok') counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

async function outcomeOf(ask: () => ReturnType<Visitor['ask']>): Promise<Outcome> {
  const started = performance.now();
  const result = await ask().then(
    ({ status }) => (status === 200 ? 'ok' : `status ${status}`),
    (error: Error) => error.message,
  );
  return { result, milliseconds: performance.now() - started };
}
