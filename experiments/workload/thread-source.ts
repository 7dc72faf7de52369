import { buildSync } from 'esbuild';

const sources = new Map<string, string>();

/** The program of a worker thread as plain JavaScript, so that it starts alike under every loader of TypeScript. */
export function threadSource(entryPoint: string): string {
  const known = sources.get(entryPoint);
  if (known !== undefined) return known;
  const built = buildSync({
    entryPoints: [entryPoint],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    write: false,
  });
  const source = built.outputFiles[0]!.text;
  sources.set(entryPoint, source);
  return source;
}
