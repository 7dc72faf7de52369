import type { Mutation } from './mutation';
import { Workshop, type Outcome } from './workshop';

/** What became of a mistake. */
export type Verdict = 'refused' | 'refused with another sentence' | 'let through';

export interface Judged {
  readonly mutation: Mutation;
  readonly verdict: Verdict;
  /** What synthesis said, where that is not what it should have said. */
  readonly said: string;
}

/** Makes every mistake, some at a time, and says what synthesis made of each. */
export async function judgeAll(mutations: readonly Mutation[], atATime: number): Promise<Judged[]> {
  const queue = [...mutations];
  const judged: Judged[] = [];
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      const workshop = await Workshop.open();
      try {
        const sound = await workshop.synthesise();
        if (sound.exitCode !== 0) throw new Error(`synthesis fails without a mistake: ${sound.said}`);
        for (let mutation = queue.shift(); mutation; mutation = queue.shift()) {
          // A list that no longer follows the sources is a miss that names itself.
          const outcome = await workshop
            .attempt(mutation)
            .catch((error: Error) => ({ exitCode: 0, said: error.message }));
          const verdict = verdictOn(mutation, outcome);
          judged.push({ mutation, verdict, said: verdict === 'refused' ? '' : outcome.said });
        }
      } finally {
        await workshop.close();
      }
    }),
  );
  return judged;
}

/** A sentence must name a file of the repository or of dist/, and what is wrong there. */
function verdictOn({ says }: Mutation, { exitCode, said }: Outcome): Verdict {
  if (exitCode === 0) return 'let through';
  const hasPlace =
    /\.(ts|yml|yaml|conf|sh)\b|\b(platform|workloads|argocd)\//.test(said) || /^error: [\w-]+: /m.test(said);
  const isStack = /^\s+at .*\(node:internal/m.test(said) && !says.test(said);
  return says.test(said) && hasPlace && !isStack ? 'refused' : 'refused with another sentence';
}
