import exec from 'k6/execution';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { ArrivalSchedule } from '../../plan/arrival';
import { k6Options } from '../k6-options';
import { isExpected, type ReceivedAnswer } from '../answer/expected-answer';
import { isFromCache } from '../answer/from-cache';
import type { Load } from '../load';
import type { SampleLine, StartLine } from '../sample-line';

/** k6 has a console, though its types do not say so. */
declare const console: { log(message: string): void };

/** The load as the runner wrote it: one file says what to send, whoever sends it. */
const load = JSON.parse(open(__ENV['AHUORA_LOAD']!)) as Load;

const schedule = ArrivalSchedule.of(load);

export const options = k6Options(load);

// Without this a redirect or an error page would count as success.
http.setResponseCallback(http.expectedStatuses(200));

export default function sendOne(): void {
  const startedAt = Date.now();
  const scenario = exec.scenario;
  const start: StartLine = {
    iteration: scenario.iterationInTest,
    started_s: (startedAt - scenario.startTime) / 1000,
    start_time: scenario.startTime,
  };
  // An abort and the end of the graceful stop cut a request off, and then nothing more of it is printed.
  console.log(JSON.stringify(start));
  const { method, url, headers, body } = load.request;
  const reads = load.answer !== undefined && isBodyRead(start.iteration);
  const response = http.request(method, url, body ?? null, {
    headers,
    ...(reads ? { responseType: 'text' as const } : {}),
  });
  const { timings, status, error_code: errorCode } = response;
  const due = Math.min(start.iteration + 1, schedule.count);
  const line: SampleLine = {
    ...start,
    trial: load.trial,
    scheduled_s: schedule.arrival(due),
    // k6 counts connecting and the handshake into `blocked`; the samples keep the three apart.
    blocked_ms: Math.max(0, timings.blocked - timings.connecting - timings.tls_handshaking),
    connecting_ms: timings.connecting,
    tls_ms: timings.tls_handshaking,
    sending_ms: timings.sending,
    waiting_ms: timings.waiting,
    receiving_ms: timings.receiving,
    status,
    error_code: errorCode,
    ...(status === 200 && load.answer !== undefined
      ? { expected: isExpected(load.answer, answerOf(response, startedAt)) }
      : {}),
  };
  console.log(JSON.stringify(line));
}

/** Reading every body would cost the generator too much: the first ten are read, and every tenth after them. */
function isBodyRead(iteration: number): boolean {
  return iteration < 10 || iteration % 10 === 0;
}

/** A chunked answer has no length. */
function answerOf(
  { headers: written, body }: RefinedResponse<ResponseType | undefined>,
  askedAt: number,
): ReceivedAnswer {
  // k6 keeps names as the server wrote them, in canonical form.
  const headers = Object.fromEntries(Object.entries(written).map(([name, value]) => [name.toLowerCase(), value]));
  const length = headers['content-length'];
  const encoding = (headers['content-encoding'] ?? '').toLowerCase();
  return {
    mediaType: (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
    encoding: encoding === 'identity' ? '' : encoding,
    ...(length === undefined ? {} : { bytes: Number(length) }),
    ...(isFromCache(headers, askedAt) ? { fromCache: true as const } : {}),
    ...(typeof body === 'string' ? { text: body } : {}),
  };
}
