import { availableParallelism } from 'node:os';
import { dataMutations } from './data';
import { deliveryMutations } from './delivery';
import { gatewayMutations } from './gateway';
import { judgeAll } from './judge';
import type { Mutation } from './mutation';
import { platformMutations } from './platform';

/** Every mistake that is made. */
export const mutations: readonly Mutation[] = [
  ...gatewayMutations,
  ...platformMutations,
  ...dataMutations,
  ...deliveryMutations,
];

/** `npm run test:mutations [-- <part of a file name>]`: what synthesis makes of each mistake, the missed ones in full. */
async function main(): Promise<void> {
  const [part = ''] = process.argv.slice(2);
  const chosen = mutations.filter(({ file }) => file.includes(part));
  const judged = await judgeAll(chosen, availableParallelism());
  const missed = judged.filter(({ verdict }) => verdict !== 'refused');
  for (const { mutation, verdict, said } of missed) {
    const { file, from, to } = mutation;
    console.log(`${verdict}: ${file}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
    console.log(said.slice(0, 600));
  }
  console.log(
    `${judged.length - missed.length} of ${judged.length} mistakes are refused with a sentence that names them`,
  );
}

if (require.main === module) void main();
