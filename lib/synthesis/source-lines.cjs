/** Stacks with the lines of the sources. Loaded with the first stack that is read, since most runs read none. */
const { readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');

/**
 * The text of an error's stack, as V8 writes it.
 *
 * @param mapFileOf Where the map of a compiled file is kept; undefined for a file that was not compiled.
 */
function stackOf(error, frames, mapFileOf) {
  const lines = frames.map((frame) => `\n    at ${inSource(frame, mapFileOf)}`);
  return `${headOf(error)}${lines.join('')}`;
}

function headOf(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function inSource(frame, mapFileOf) {
  const text = String(frame);
  const file = frame.getFileName?.();
  const map = file && mapOf(file, mapFileOf);
  if (!map) return text;
  const { originalLine, originalColumn } = map.findEntry(frame.getLineNumber() - 1, frame.getColumnNumber() - 1);
  if (originalLine === undefined) return text;
  return text.replace(/:\d+:\d+(?=\)?$)/, `:${originalLine + 1}:${originalColumn + 1}`);
}

const maps = new Map();

/** A map that is gone, or cannot be read, leaves the line as it is: the error itself matters more. */
function mapOf(file, mapFileOf) {
  if (!maps.has(file)) {
    try {
      maps.set(file, new SourceMap(JSON.parse(readFileSync(mapFileOf(file), 'utf8'))));
    } catch {
      maps.set(file, undefined);
    }
  }
  return maps.get(file);
}

module.exports = stackOf;
