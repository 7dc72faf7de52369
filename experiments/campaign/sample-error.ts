/** Why a request failed; the code is the position. Position 0 is success. */
export const SAMPLE_ERRORS = [
  null,
  'dropped',
  'timeout',
  'refused',
  'reset',
  'tls',
  'dns',
  'status',
  'redirect',
  'interrupted',
  'network',
  /** Status 200 with a body that is not the answer of the endpoint. */
  'answer',
  /** The connection ended before the body did. */
  'truncated',
  /** The body began and then did not come to its end in time. */
  'stalled',
  /** The generator's own host had no port, file or memory left for it. */
  'exhausted',
] as const;

export type SampleError = NonNullable<(typeof SAMPLE_ERRORS)[number]>;
