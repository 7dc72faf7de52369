import { parentPort, workerData } from 'node:worker_threads';
import { OpenModelLoad } from './open-model-load';
import type { WorkerInput } from './protocol';

if (parentPort !== null) {
  const port = parentPort;
  void new OpenModelLoad(workerData as WorkerInput).run().then((output) => port.postMessage(output));
}
