import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { ReceivedAnswer } from '../answer/expected-answer';
import { isFromCache } from '../answer/from-cache';
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

/**
 * A response whose body has arrived, in the form in which answers are compared. A body that cannot be decoded stays as it is.
 *
 * @param askedAt When the request was made, milliseconds since the epoch.
 */
export function answerOf(response: IncomingMessage, chunks: readonly Buffer[], askedAt: number): ReceivedAnswer {
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  return {
    mediaType: (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
    encoding: encoding === 'identity' ? '' : encoding,
    bytes: body.length,
    ...(isFromCache(response.headers, askedAt) ? { fromCache: true as const } : {}),
    text: decoded(body, encoding).toString('utf8'),
  };
}

function decoded(body: Buffer, encoding: string): Buffer {
  try {
    return DECODERS[encoding]?.(body) ?? body;
  } catch {
    return body;
  }
}
