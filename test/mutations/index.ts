import { availableParallelism } from 'node:os';
import { program } from '../../lib/console/program';
import { acceptedMutations } from './accepted';
import { copiedAndMerged } from './copied-and-merged';
import { dataMutations } from './data';
import { deliveryMutations } from './delivery';
import { deliveryHabitMutations } from './delivery-habits';
import { everydayEdits } from './everyday-edits';
import { gatewayMutations } from './gateway';
import { slipsInAHurry } from './in-a-hurry';
import { judgeAll } from './judge';
import type { Mutation } from './mutation';
import { operationsMutations } from './operations';
import { platformMutations } from './platform';
import { programHabitMutations } from './program-habits';
import { unforeseenSlips } from './unforeseen';
import { wellMeantChanges } from './well-meant';
import { letThrough } from './well-meant/let-through';
import { workloadHabitMutations } from './workload-habits';

/** Every mistake that is made. The lists were written apart: a mistake that several of them have is made once. */
export const mutations: readonly Mutation[] = distinct([
  ...gatewayMutations,
  ...platformMutations,
  ...dataMutations,
  ...deliveryMutations,
  ...operationsMutations,
  ...workloadHabitMutations,
  ...programHabitMutations,
  ...deliveryHabitMutations,
  ...slipsInAHurry,
  ...unforeseenSlips,
  ...copiedAndMerged,
  ...wellMeantChanges,
  ...everydayEdits,
]);

function distinct(lists: readonly Mutation[]): Mutation[] {
  return [...new Map(lists.map((at) => [JSON.stringify([at.file, at.from, at.to, at.nth ?? 0]), at])).values()];
}

/** What a mistake that is let through says. */
const NOTHING = /^$/;

/** `npm run test:mutations [-- <part of a file name>]`: what synthesis makes of each mistake, the missed ones in full. */
async function main(part: string): Promise<void> {
  const chosen = mutations.filter(({ file }) => file.includes(part));
  const accepted = [...acceptedMutations, ...letThrough].filter(({ file }) => file.includes(part));
  const everything = [...chosen, ...accepted.map((mutation) => ({ ...mutation, says: NOTHING }))];
  const all = await judgeAll(everything, availableParallelism());
  const judged = all.filter(({ mutation }) => mutation.says !== NOTHING);
  const missed = judged.filter(({ verdict }) => verdict !== 'refused');
  for (const { mutation, verdict, said } of missed) {
    const { file, from, to } = mutation;
    console.log(`${verdict}: ${file}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
    console.log(said.slice(0, 600));
  }
  // A reason that no longer holds is taken off the list.
  const refused = all.filter(({ mutation, verdict }) => mutation.says === NOTHING && verdict !== 'let through');
  for (const { mutation } of refused)
    console.log(`refused by now: ${mutation.file}: ${JSON.stringify(mutation.to)}; take it off accepted.ts`);
  for (const { file, to, reason } of accepted) console.log(`let through: ${file}: ${JSON.stringify(to)}: ${reason}`);
  console.log(
    `${judged.length - missed.length} of ${judged.length} mistakes are refused with a sentence that names them`,
  );
  if (judged.length === 0 || missed.length + refused.length > 0) process.exitCode = 1;
}

if (require.main === module) {
  program(
    'test:mutations',
    'Make realistic mistakes of one line, one at a time, and see whether synthesis refuses each with a sentence that names it.',
    'npm run test:mutations',
    'npm run test:mutations -- charts/postgres.ts',
  )
    .argument('[part]', 'only mistakes in files whose name has this part', '')
    .action(main)
    .parse();
}
