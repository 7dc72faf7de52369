import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Answer } from '../answer/expected-answer';
import { BODY_BYTES } from '../load';

/** A few kilobytes may be packed so that they fill a machine's memory. */
const LIMIT = { maxOutputLength: BODY_BYTES };
const gunzip = (body: Buffer) => gunzipSync(body, LIMIT);
const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: (body) => inflateSync(body, LIMIT),
  br: (body) => brotliDecompressSync(body, LIMIT),
};

/** A response whose body has arrived, in the form in which answers are compared. A body that cannot be decoded stays as it is. */
export function answerOf(response: IncomingMessage, chunks: readonly Buffer[]): Answer {
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  return {
    mediaType: (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
    encoding: encoding === 'identity' ? '' : encoding,
    bytes: body.length,
    ...(isFromCache(response) ? { fromCache: true as const } : {}),
    text: decoded(body, encoding).toString('utf8'),
  };
}

/** RFC 9111: only a cache says how old an answer is. */
function isFromCache({ headers }: IncomingMessage): boolean {
  return Number(headers['age'] ?? 0) > 0 || /\bhit\b/i.test(String(headers['x-cache'] ?? ''));
}

function decoded(body: Buffer, encoding: string): Buffer {
  try {
    return DECODERS[encoding]?.(body) ?? body;
  } catch {
    return body;
  }
}
