import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadSource } from '../../workload';
import { playTrial, type TrialTask } from './play-trial';
import type { TrialAnswer } from './trial-thread';
import type { TrialSummary } from './trial-summary';

/**
 * Plays trials on several threads (0: in this one), whose number changes nothing: each trial has random numbers of its own.
 *
 * @throws Error of the first trial that fails, after all threads have ended.
 */
export async function playTrials(
  tasks: readonly TrialTask[],
  threads: number,
  progress: (done: number, summary: TrialSummary) => void = () => undefined,
): Promise<TrialSummary[]> {
  const summaries: TrialSummary[] = [];
  let done = 0;
  const keep = (index: number, summary: TrialSummary) => {
    summaries[index] = summary;
    done += 1;
    progress(done, summary);
  };
  if (threads === 0 || tasks.length === 1) {
    tasks.forEach((task, index) => keep(index, playTrial(task)));
    return summaries;
  }

  // The longest first, so that no thread is left with one at the end.
  const order = tasks.map((_, index) => index).sort((one, other) => weight(tasks[other]) - weight(tasks[one]));
  const source = threadSource(path.join(__dirname, 'trial-thread.ts'));
  let failure: Error | undefined;
  await Promise.all(
    Array.from({ length: Math.min(threads, tasks.length) }, async () => {
      const worker = new Worker(source, { eval: true });
      try {
        for (let index = order.shift(); index !== undefined && !failure; index = order.shift()) {
          const answer = await ask(worker, index, tasks[index]);
          if ('error' in answer) throw new Error(`Trial ${tasks[index].trial.id}: ${answer.error}`);
          keep(answer.index, answer.summary);
        }
      } catch (error) {
        failure ??= error as Error;
      } finally {
        await worker.terminate();
      }
    }),
  );
  if (failure) throw failure;
  return summaries;
}

function ask(worker: Worker, index: number, task: TrialTask): Promise<TrialAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: TrialAnswer) => {
      worker.removeListener('error', reject);
      resolve(answer);
    });
    worker.once('error', reject);
    worker.postMessage({ index, task });
  });
}

/** Requests due: what a trial's cost grows with. */
function weight({ input }: TrialTask): number {
  let from = 0;
  let due = 0;
  for (const { target, seconds } of input.profile.stages) {
    due += ((from + target) / 2) * seconds;
    from = target;
  }
  return due;
}
