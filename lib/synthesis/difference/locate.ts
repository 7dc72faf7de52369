import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node } from 'yaml';

/** A line of an output file. */
export interface Place {
  /** Relative to the output folder. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Where a field of an object stands in the outputs: any file with the object will do, those of its own folder first, and as
 * much of the field's path as is there decides the line.
 */
export function locate(
  outputs: ReadonlyMap<string, string>,
  { place, object, field }: { readonly place: string; readonly object: string; readonly field: string },
): Place | undefined {
  const [, kind, name] = /^([^/]+)\/([^ ]+)/.exec(object) ?? [];
  if (kind === undefined || name === undefined) return outputs.has(place) ? { path: place, line: 1 } : undefined;
  const candidates = [...outputs].filter(([path, text]) => path.endsWith('.yaml') && text.includes(`kind: ${kind}`));
  const own = candidates.filter(([path]) => path.startsWith(`${place}/`));
  const family = place.slice(0, place.indexOf('/'));
  const others = place.includes('/') ? candidates.filter(([path]) => path.startsWith(`${family}/base/`)) : [];
  let best: (Place & { depth: number }) | undefined;
  for (const [path, text] of [...own, ...others]) {
    const counter = new LineCounter();
    for (const document of parseAllDocuments(text, { lineCounter: counter })) {
      if (!isObject(document, kind, name)) continue;
      const { offset, depth } = walk(document.contents as Node, stepsOf(field));
      if (!best || depth > best.depth) best = { path, line: counter.linePos(offset).line, depth };
    }
  }
  return best && { path: best.path, line: best.line };
}

function isObject(document: Document, kind: string, name: string): boolean {
  return document.get('kind') === kind && document.getIn(['metadata', 'name']) === name;
}

/** The steps of a path such as `spec.containers[web].image` or `data["a.conf"]`. */
function stepsOf(field: string): string[] {
  return [...field.matchAll(/\["([^"]*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, quoted, item, key]) => quoted ?? item ?? key!,
  );
}

function walk(start: Node, steps: readonly string[]): { offset: number; depth: number } {
  let [node, offset, depth] = [start, start.range?.[0] ?? 0, 0];
  for (const step of steps) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node;
    } else if (isSeq(node)) {
      const item = node.items.find((one, index) => identifies(one as Node, step, index));
      if (!item) break;
      node = item as Node;
      offset = node.range?.[0] ?? offset;
    } else break;
    depth++;
  }
  return { offset, depth };
}

function identifies(item: Node, step: string, index: number): boolean {
  if (!isMap(item)) return String(index) === step;
  const named = ['name', 'key', 'mountPath', 'host', 'path', 'port'].some((key) => String(item.get(key)) === step);
  return named || String(index) === step;
}
