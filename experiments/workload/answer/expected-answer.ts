import type { AnswerForm } from '../../plan/profile';
import { fits, merged, shapeOf, type JsonShape } from './json-shape';
import { keepsTo, steadyValues, type SteadyValues } from './steady-values';

/** One answer with status 200. */
export interface ReceivedAnswer {
  /** `Content-Type` without its parameters. */
  readonly mediaType: string;
  /** `Content-Encoding`; empty where there is none. */
  readonly encoding: string;
  /** Bytes of the body as they were sent; absent where that is not known. */
  readonly bytes?: number;
  /** The decoded body; absent where it was thrown away unread. */
  readonly text?: string;
  /** True where something on the way answered from its memory in place of the system under test. */
  readonly fromCache?: true;
}

/** What every answer of a load must be: plain data, learnt from the answers of the warm-up. */
export interface ExpectedAnswer {
  readonly mediaType: string;
  readonly encoding: string;
  /** Fewest and most bytes of a body that were seen. */
  readonly bytes: readonly [number, number];
  readonly shape: JsonShape;
  /** What every answer said: one that says otherwise is of something else, such as a pod with old results. */
  readonly values: SteadyValues;
  /** The body, where all that were seen were alike: an equal one needs no closer look. */
  readonly text?: string;
}

/** Numbers in a body may have more or fewer digits: its length may differ by this share and so many bytes. */
const LENGTH_SHARE = 0.1;
const LENGTH_BYTES = 16;
/** Fields that say that something went wrong, whatever else is there. */
const COMPLAINTS = ['error', 'errors', 'detail', 'exception', 'traceback'];

/**
 * Learns what a load's answers must be, whatever the flowsheet holds.
 *
 * @throws {Error} in one sentence, when an answer is not what the endpoint states, or answers to the same request differ.
 */
export function learnAnswer(answers: readonly ReceivedAnswer[], form: AnswerForm): ExpectedAnswer {
  if (answers.length === 0) throw new Error('no answer came to learn from');
  const values = answers.map((answer) => valueOf(answer, form));
  const shape = values.map((value) => shapeOf(value)).reduce(merged);
  insistOnOneKind(shape);
  const [first] = answers;
  const lengths = answers.map(({ bytes, text }) => bytes ?? text?.length ?? 0);
  const alike = answers.every(({ text }) => text === first!.text);
  return {
    mediaType: first!.mediaType,
    encoding: answers.every(({ encoding }) => encoding === first!.encoding) ? first!.encoding : 'several',
    bytes: [Math.min(...lengths), Math.max(...lengths)],
    shape,
    values: steadyValues(values),
    ...(alike && first!.text !== undefined ? { text: first!.text } : {}),
  };
}

/** Whether an answer is what was learnt, as far as is known of it. Equal bodies, the usual case, cost one comparison. */
export function isExpected(expected: ExpectedAnswer, answer: ReceivedAnswer): boolean {
  if (answer.mediaType !== expected.mediaType || answer.fromCache === true) return false;
  if (answer.text === undefined) return hasLength(expected, answer);
  if (answer.text === expected.text) return true;
  const value = parsed(answer.text);
  return value !== undefined && !complains(value) && fits(expected.shape, value) && keepsTo(expected.values, value);
}

/** For a person: `application/json of 18420 bytes, a list of 61`. */
export function describeAnswer({ mediaType, bytes: [least, most], shape, encoding }: ExpectedAnswer): string {
  const length = least === most ? `${least}` : `${least} to ${most}`;
  const list = shape.type === 'object' ? Object.values(shape.fields).find(({ type }) => type === 'list') : shape;
  const what =
    shape.type === 'list'
      ? `a list of ${shape.most}`
      : shape.type === 'object'
        ? `an object with ${Object.keys(shape.fields).slice(0, 6).join(', ')}${list?.type === 'list' && Object.keys(shape.fields).includes('results') ? ` (a list of ${list.most})` : ''}`
        : `a ${shape.type}`;
  return `${mediaType} of ${length} bytes${encoding === '' ? '' : ` (${encoding})`}, ${what}`;
}

/** A body that was thrown away is known by its length, where the server tells it. */
function hasLength({ bytes: [least, most], encoding }: ExpectedAnswer, answer: ReceivedAnswer): boolean {
  if (answer.bytes === undefined || answer.encoding !== encoding) return true;
  const shortest = least * (1 - LENGTH_SHARE) - LENGTH_BYTES;
  return answer.bytes >= shortest && answer.bytes <= most * (1 + LENGTH_SHARE) + LENGTH_BYTES;
}

/** The value of an answer that is what the endpoint states. */
function valueOf({ mediaType, text, fromCache }: ReceivedAnswer, form: AnswerForm): unknown {
  if (fromCache === true) throw new Error('the answer comes from a cache on the way, not from the system under test');
  if (mediaType !== 'application/json')
    throw new Error(`the answer is ${mediaType || 'of no stated type'} instead of application/json`);
  const value = parsed(text ?? '');
  if (value === undefined) throw new Error(`the answer is not whole JSON: ${excerpt(text)}`);
  if (complains(value)) throw new Error(`the answer tells of an error: ${excerpt(text)}`);
  if (form === 'list') {
    const entries: unknown = Array.isArray(value) ? value : (value as { results?: unknown }).results;
    if (!Array.isArray(entries) || entries.length === 0)
      throw new Error(`the answer is no list with entries: ${excerpt(text)}`);
  } else if (Array.isArray(value) || typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    throw new Error(`the answer is no object with fields: ${excerpt(text)}`);
  return value;
}

/** The same request must be answered alike: otherwise something else answers some of them. */
function insistOnOneKind(shape: JsonShape): void {
  if (shape.type === 'any') throw new Error('answers to the same request are of different kinds');
  if (shape.type === 'list' && shape.least !== shape.most)
    throw new Error(`answers to the same request have ${shape.least} to ${shape.most} entries`);
  if (shape.type === 'object' && shape.optional.length > 0)
    throw new Error(`some answers to the same request lack the field ${shape.optional[0]}`);
}

function complains(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const truthy = (name: string) => Boolean((value as Record<string, unknown>)[name]);
  return COMPLAINTS.some(truthy);
}

/** Undefined where the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function excerpt(text: string | undefined): string {
  return (text ?? '').slice(0, 80).replace(/\s+/g, ' ');
}
