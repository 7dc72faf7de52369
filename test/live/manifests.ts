import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, parseAllDocuments, visit, type Node as YamlNode, type Pair } from 'yaml';
import { toMillicores } from '../../lib/kubernetes/quantity';

/** One place that was rewritten. */
export interface Rewriting {
  readonly file: string;
  /** Such as `Deployment django-api: spec.template.spec.nodeSelector.kubernetes.io/arch`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** Three nodes share the two cores of one machine, where a Pi has four of its own: a request asks for a quarter here. */
const CPU_SHARE = 1 / 4;

/** Go's name of this machine's processors, as a node's label says it. */
const ARCHITECTURE = 'amd64';

/**
 * The one rewriting of manifests that the live cluster does: architecture, CPU requests, and digests, which images made here
 * have others of. Everything else stays byte for byte, patches of a kustomization included.
 */
export function fitToMachine(
  text: string,
  file: string,
): { readonly text: string; readonly rewritings: readonly Rewriting[] } {
  const rewritings: Rewriting[] = [];
  const edits: { start: number; end: number; text: string }[] = [];
  for (const document of parseAllDocuments(text, { keepSourceTokens: true })) {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]!.message}`);
    const names = isMap(document.contents)
      ? `${String(document.get('kind') ?? '')} ${String(document.getIn(['metadata', 'name']) ?? '')}`.trim()
      : '';
    visit(document, {
      Scalar: (key, node, path) => {
        if (key === 'key' || typeof node.range?.[0] !== 'number') return;
        const keys = keysOf(path, node);
        if (keys.at(-1) === 'patch' && node.type === 'BLOCK_LITERAL') {
          const inner = fitToMachine(String(node.value), file);
          if (inner.rewritings.length === 0) return;
          const [start, end] = [node.range[0], node.range[1]];
          edits.push({ start, end, text: withLines(text.slice(start, end), String(node.value), inner.text) });
          rewritings.push(...inner.rewritings);
          return;
        }
        const after = replacementOf(keys, node.value, path);
        if (after === undefined || after === node.value) return;
        edits.push({
          start: node.range[0],
          end: node.range[1],
          text: quoteLike(text.slice(node.range[0], node.range[1]), after),
        });
        rewritings.push({ file, field: `${names}: ${keys.join('.')}`, before: String(node.value), after });
      },
    });
  }
  let result = text;
  for (const { start, end, text: replacement } of edits.sort((one, other) => other.start - one.start))
    result = result.slice(0, start) + replacement + result.slice(end);
  return { text: result, rewritings };
}

/** Rewrites every YAML file below a folder of the checkout; answers the files by path below it, and what was rewritten. */
export function fitTree(folder: string): {
  readonly files: Record<string, string>;
  readonly rewritings: readonly Rewriting[];
} {
  const files: Record<string, string> = {};
  const rewritings: Rewriting[] = [];
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, entry);
    if (!statSync(path).isFile()) continue;
    const text = readFileSync(path, 'utf8');
    if (!/\.ya?ml$/.test(entry)) files[entry] = text;
    else {
      const fitted = fitToMachine(text, entry);
      files[entry] = fitted.text;
      rewritings.push(...fitted.rewritings);
    }
  }
  return { files, rewritings };
}

/** What a value becomes; undefined where it stays. */
function replacementOf(keys: readonly string[], value: unknown, path: readonly unknown[]): string | undefined {
  const last = keys.at(-1);
  if (last === 'kubernetes.io/arch' && value === 'arm64') return ARCHITECTURE;
  if (last === 'cpu' && keys.at(-2) === 'requests' && (typeof value === 'string' || typeof value === 'number'))
    return fitted(String(value));
  if (last === 'image' && typeof value === 'string' && value.includes('@sha256:')) return value.split('@')[0];
  // A JSON patch says the place in a field beside the value.
  if (last === 'value') {
    const place = siblingOf(path, 'path');
    if (place?.endsWith('/requests/cpu')) return fitted(String(value));
    if (place?.endsWith('/nodeSelector/kubernetes.io~1arch') && value === 'arm64') return ARCHITECTURE;
    if (place?.endsWith('/image') && String(value).includes('@sha256:')) return String(value).split('@')[0];
  }
  return undefined;
}

function fitted(quantity: string): string {
  return `${Math.max(1, Math.round(toMillicores(quantity) * CPU_SHARE))}m`;
}

/** The keys that lead to a scalar, those of lists as numbers. */
function keysOf(path: readonly unknown[], node: YamlNode): string[] {
  const keys: string[] = [];
  const steps = [...path, node];
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (isSeq(step)) keys.push(String(step.items.indexOf(next as never)));
    else if (isPairLike(step)) keys.push(String(isScalar(step.key) ? step.key.value : step.key));
  }
  return keys;
}

function siblingOf(path: readonly unknown[], name: string): string | undefined {
  const map = [...path].reverse().find((step) => isMap(step));
  const value = isMap(map) ? map.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isPairLike(value: unknown): value is Pair {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    'value' in value &&
    !isMap(value) &&
    !isScalar(value)
  );
}

/** The source of a block text whose lines became others, its indentation kept. */
function withLines(source: string, before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const lines = source.split('\n');
  // The first line of the source is the mark of the block.
  return lines
    .map((line, index) =>
      index === 0 || old[index - 1] === now[index - 1] ? line : line.replace(old[index - 1]!, now[index - 1]!),
    )
    .join('\n');
}

function quoteLike(source: string, value: string): string {
  return source.startsWith('"')
    ? JSON.stringify(value)
    : source.startsWith("'")
      ? `'${value}'`
      : /^\d+$/.test(value)
        ? `"${value}"`
        : value;
}
