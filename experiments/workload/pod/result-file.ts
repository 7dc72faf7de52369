import { gunzipSync, gzipSync } from 'node:zlib';
import type { LoadResult } from '../generator';
import { emptySamples } from '../load';
import { COLUMNS_OF_A_REQUEST } from '../share';

/** Columns in the order in which they are written. */
const COLUMNS = ['scheduled_s', 'started_s', ...COLUMNS_OF_A_REQUEST] as const;

const HEADER_BYTES = 4;

/** What a generator hands back as bytes, so that another machine can send it: a header in JSON, then column by column. */
export function encodeResult({ samples, ...rest }: LoadResult): Buffer {
  const header = Buffer.from(JSON.stringify({ ...rest, startedAt: rest.startedAt.getTime(), rows: samples.rows }));
  const size = Buffer.alloc(HEADER_BYTES);
  size.writeUInt32LE(header.length);
  const columns = COLUMNS.map((name) => {
    const { buffer, byteOffset, byteLength } = samples[name];
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  return gzipSync(Buffer.concat([size, header, ...columns]), { level: 1 });
}

/** @throws {Error} when the bytes are not a whole result. */
export function decodeResult(bytes: Buffer): LoadResult {
  const whole = gunzipSync(bytes);
  const begin = HEADER_BYTES + whole.readUInt32LE(0);
  const { rows, startedAt, ...rest } = JSON.parse(whole.toString('utf8', HEADER_BYTES, begin)) as Omit<
    LoadResult,
    'samples' | 'startedAt'
  > & { rows: number; startedAt: number };
  const samples = emptySamples(rows);
  let at = begin;
  for (const name of COLUMNS) {
    const { buffer, byteOffset, byteLength } = samples[name];
    whole.copy(Buffer.from(buffer, byteOffset, byteLength), 0, at, at + byteLength);
    at += byteLength;
  }
  if (at !== whole.length) throw new Error(`A generator's result has ${whole.length} bytes where ${at} were expected.`);
  return { ...rest, startedAt: new Date(startedAt), samples };
}
