import { setTimeout as sleep } from 'node:timers/promises';
import { failuresIn, underSteadyLoad, type LoadSource, type Outcome } from './steady-load';
import { TerminationStack, type Deployment } from './termination-stack';

describe('graceful termination of the API under steady load', () => {
  let stack: TerminationStack;
  let sources: LoadSource[];

  beforeAll(async () => {
    stack = await TerminationStack.start();
    await stack.rollOut(stack.rendered, 'flawedGranian', 2);
    sources = await stack.load();
  }, 240_000);

  afterAll(async () => {
    await stack?.stop();
  }, 60_000);

  const during = (work: () => Promise<void>): Promise<Outcome[]> => underSteadyLoad(stack.traefik.port, sources, work);
  const slowest = (outcomes: readonly Outcome[]) => Math.max(...outcomes.map(({ milliseconds }) => milliseconds));

  test.each(['flawedGranian', 'current'] as const)(
    'a roll-out and a scale-down as rendered drop no request, on Granian %s',
    async (granian) => {
      const outcomes = await during(async () => {
        await stack.rollOut(stack.rendered, granian, 2);
        await stack.scale(1);
      });
      expect(failuresIn(outcomes)).toEqual({});
      expect(outcomes.length).toBeGreaterThan(50);
      expect(stack.failures()).toEqual([]);
    },
    180_000,
  );

  test('without the preStop sleep, a scale-down drops requests', async () => {
    await stack.rollOut(without('lifecycle', stack.rendered), 'flawedGranian', 3);
    const outcomes = await during(() => stack.scale(1));
    expect(failuresIn(outcomes)).not.toEqual({});
  }, 180_000);

  test('without the startup probe, a scale-up lets requests wait for an application that loads; with it nobody waits', async () => {
    const loading = 12;
    // The pod's port is open 5 s after its start at the latest, and Traefik learns of it within 2 s.
    const wait = 3500;
    const scaleUp = async (deployment: Deployment) => {
      stack.loadSeconds = 1;
      await stack.rollOut(deployment, 'flawedGranian', 1);
      stack.loadSeconds = loading;
      return during(async () => {
        await stack.scale(2);
        await sleep(1000);
      });
    };
    const unguarded = await scaleUp(without('startupProbe', stack.rendered));
    expect(slowest(unguarded)).toBeGreaterThan(wait);
    const guarded = await scaleUp(stack.rendered);
    expect(failuresIn(guarded)).toEqual({});
    expect(slowest(guarded)).toBeLessThan(wait);
  }, 180_000);
});

/** The Deployment whose container lacks one field. */
function without(field: 'lifecycle' | 'startupProbe', deployment: Deployment): Deployment {
  const changed = structuredClone(deployment);
  delete (changed.spec.template.spec!.containers[0] as unknown as Record<string, unknown>)[field];
  return changed;
}
