import type { ReceivedAnswer } from './answer/expected-answer';
import { requestTemplate } from './embedded/request';
import type { LoadRequest, SampleError } from './load';

/** What became of one request that was sent by itself. */
export interface ProbeResult {
  /** 0 where no answer came. */
  readonly status: number;
  readonly error: SampleError | null;
  /** Milliseconds from the start to the end. */
  readonly ms: number;
  readonly answer?: ReceivedAnswer;
}

/** Sends requests of a load one by one, as the load itself would; the result of this sends one. */
export function probe(request: LoadRequest): () => Promise<ProbeResult> {
  const send = requestTemplate(request);
  return () =>
    new Promise((resolve) =>
      send(({ times, status, error, answer }) =>
        resolve({ status, error, ms: times.end - times.start, ...(answer === undefined ? {} : { answer }) }),
      ),
    );
}
