import { parentPort } from 'node:worker_threads';
import { failureText } from '../../../lib/console/failure';
import { playTrial, type TrialTask } from './play-trial';

/** What a thread answers to a task. */
export type TrialAnswer =
  | { readonly index: number; readonly summary: ReturnType<typeof playTrial> }
  | { readonly index: number; readonly error: string };

parentPort?.on('message', ({ index, task }: { index: number; task: TrialTask }) => {
  let answer: TrialAnswer;
  try {
    answer = { index, summary: playTrial(task) };
  } catch (error) {
    answer = { index, error: failureText(error) };
  }
  parentPort?.postMessage(answer);
});
