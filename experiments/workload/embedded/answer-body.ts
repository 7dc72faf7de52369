import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Answer } from '../answer/expected-answer';

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** A response whose body has arrived, in the form in which answers are compared. A body that cannot be decoded stays as it is. */
export function answerOf(response: IncomingMessage, chunks: readonly Buffer[]): Answer {
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  return {
    mediaType: (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase(),
    encoding: encoding === 'identity' ? '' : encoding,
    bytes: body.length,
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
