import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';

/** What a virtual user is started with. */
export interface VirtualUserInput {
  /** The script, compiled to CommonJS. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly startTime: number;
  readonly answers: MessagePort;
  /** Woken when an answer has arrived. */
  readonly bell: SharedArrayBuffer;
}

/**
 * One virtual user: a thread in which the script runs as it does in k6, with calls that block. Only the modules and globals
 * that k6 has exist; anything else fails as it would there.
 */
const input = workerData as VirtualUserInput;
const bell = new Int32Array(input.bell);
let iteration = 0;

interface RequestParameters {
  readonly headers?: object;
  /** Reads the body of this one although the options discard bodies. */
  readonly responseType?: 'text' | 'none';
}

/** Blocks this thread until the main thread has the answer. */
function blockingRequest(method: string, url: string, body: string | null, params: RequestParameters = {}): unknown {
  if (typeof method !== 'string' || typeof url !== 'string')
    throw new TypeError('http.request takes a method and a URL');
  Atomics.store(bell, 0, 0);
  parentPort!.postMessage({
    kind: 'request',
    method,
    url,
    body,
    headers: params.headers ?? {},
    responseType: params.responseType ?? 'none',
  });
  Atomics.wait(bell, 0, 0);
  return receiveMessageOnPort(input.answers)!.message as unknown;
}

const modules: Readonly<Record<string, unknown>> = {
  'k6/http': {
    default: {
      request: blockingRequest,
      expectedStatuses: (...statuses: number[]) => ({ statuses }),
      setResponseCallback: (callback: { statuses: number[] }) =>
        parentPort!.postMessage({ kind: 'expected', statuses: callback.statuses }),
    },
  },
  'k6/execution': {
    default: {
      scenario: {
        get iterationInTest() {
          return iteration;
        },
        startTime: input.startTime,
        name: 'load',
      },
    },
  },
};

const exported: { default?: () => void; options?: unknown } = {};
const context = vm.createContext({
  module: { exports: exported },
  exports: exported,
  require: (name: string) => {
    const found = modules[name];
    if (found === undefined) throw new Error(`k6 has no module "${name}" in this stand-in`);
    return { __esModule: true, ...(found as object) };
  },
  open: (file: string) => readFileSync(file, 'utf8'),
  __ENV: input.environment,
  console: { log: (...words: unknown[]) => parentPort!.postMessage({ kind: 'log', text: words.join(' ') }) },
});
vm.runInContext(input.script, context, { filename: 'script.js' });
const script = (context['module'] as { exports: typeof exported }).exports;
parentPort!.postMessage({ kind: 'ready', options: JSON.parse(JSON.stringify(script.options)) as unknown });

parentPort!.on('message', ({ number }: { number: number }) => {
  iteration = number;
  try {
    script.default!();
    parentPort!.postMessage({ kind: 'done' });
  } catch (error) {
    parentPort!.postMessage({ kind: 'done', error: (error as Error).message });
  }
});
