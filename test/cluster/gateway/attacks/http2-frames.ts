/** Header fields in the order in which they are sent; names may repeat, and need not be such as HTTP permits. */
export type Fields = readonly (readonly [name: string, value: string])[];

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GO_AWAY = 7;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;

/**
 * A connection of HTTP/2 with one request after another, one character a byte, as no well-behaved library sends them: fields go out
 * unchecked, and are packed by literals alone (https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2).
 */
export function http2(...requests: readonly Http2Request[]): string {
  return PREFACE + frame(SETTINGS, 0, 0, '') + requests.map((each, index) => stream(2 * index + 1, each)).join('');
}

/** What one stream carries. */
export interface Http2Request {
  readonly fields: Fields;
  /** What follows the fields, whatever they say of a length. */
  readonly data?: string;
  readonly trailers?: Fields;
  /** Whether each field comes in a frame of its own. @default false */
  readonly inPieces?: boolean;
}

function stream(id: number, { fields, data, trailers, inPieces = false }: Http2Request): string {
  const ends = data === undefined && trailers === undefined ? END_STREAM : 0;
  const blocks = inPieces ? fields.map((field) => packed([field])) : [packed(fields)];
  const heads = blocks.map((block, index) => {
    const flags = (index === 0 ? ends : 0) | (index === blocks.length - 1 ? END_HEADERS : 0);
    return frame(index === 0 ? HEADERS : CONTINUATION, flags, id, block);
  });
  return [
    ...heads,
    data === undefined ? '' : frame(DATA, trailers ? 0 : END_STREAM, id, data),
    trailers ? frame(HEADERS, END_STREAM | END_HEADERS, id, packed(trailers)) : '',
  ].join('');
}

function frame(type: number, flags: number, id: number, payload: string): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return head.toString('latin1') + payload;
}

function packed(fields: Fields): string {
  return fields.map(([name, value]) => `\u0000${text(name)}${text(value)}`).join('');
}

/** A text with its length, in seven bits and as many further bytes as it needs. */
function text(value: string): string {
  if (value.length < 127) return String.fromCharCode(value.length) + value;
  const bytes = [127];
  let rest = value.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return String.fromCharCode(...bytes, rest) + value;
}

/** What a server of HTTP/2 has said so far: whether any request was answered or given up, and the first status. */
export function readHttp2(received: string): { readonly answered: boolean; readonly status: number | undefined } {
  const bytes = Buffer.from(received, 'latin1');
  let answered = false;
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    const type = bytes[at + 3]!;
    if (type === HEADERS) return { answered: true, status: statusIn(bytes.subarray(at + 9)) };
    answered ||= type === RST_STREAM || type === GO_AWAY;
  }
  return { answered, status: undefined };
}

/** The seven whole fields of the static table, from its eighth entry on (appendix A). */
const WHOLE_STATUS = [200, 204, 206, 304, 400, 404, 500];

/** Status of a block of fields, which is always its first; digits are Huffman-coded, 0 to 2 in five bits, the others in six. */
function statusIn(block: Buffer): number | undefined {
  const whole = WHOLE_STATUS[block[0]! - 0x88];
  if (whole !== undefined) return whole;
  const coded = block[1]! >= 0x80;
  const written = block.subarray(2, 2 + (block[1]! & 0x7f));
  if (!coded) return Number(written.toString('latin1'));
  let bits = [...written].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let digits = '';
  while (digits.length < 3) {
    const short = bits.startsWith('000');
    digits += parseInt(bits.slice(0, short ? 5 : 6), 2) - (short ? 0 : 0b011001 - 3);
    bits = bits.slice(short ? 5 : 6);
  }
  return Number(digits);
}
