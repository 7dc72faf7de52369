import { withPinNames } from './pin-names';

/** Jest's serializer of texts that hold a pinned version. */
export const test = (value: unknown): value is string => typeof value === 'string' && withPinNames(value) !== value;

/** As Jest prints a text, in quotes. */
export const serialize = (value: string): string => `"${withPinNames(value)}"`;
