import { parentPort } from 'node:worker_threads';
import { simulate, type Cells, type System } from './simulation';

parentPort!.on('message', ({ system, cells }: { readonly system: System; readonly cells: Cells }) =>
  parentPort!.postMessage(simulate(system, cells)),
);
