import { EmbeddedGenerator } from './embedded/generator';
import type { LoadGenerator, LoadOptions, LoadProgress, LoadResult } from './generator';
import type { Load } from './load';
import { mergeResults, shareOfLoad } from './share';

/** Time for every generator to be there before all begin, milliseconds. */
const AHEAD_MS = 500;

/** Several generators, each on a core of its own, that send one load between them from one common start. */
export class SeveralGenerators implements LoadGenerator {
  constructor(private readonly count: number) {}

  async run(load: Load, { onProgress, signal }: LoadOptions = {}): Promise<LoadResult> {
    const startAt = Date.now() + AHEAD_MS;
    const seen: LoadProgress[] = [];
    const parts = await Promise.all(
      Array.from({ length: this.count }, (_, index) =>
        new EmbeddedGenerator().run(shareOfLoad(load, { index, of: this.count }, startAt), {
          ...(signal && { signal }),
          onProgress: (progress) => {
            seen[index] = progress;
            onProgress?.(together(seen));
          },
        }),
      ),
    );
    return mergeResults(parts, startAt);
  }
}

/** The counters of all generators as one. */
export function together(parts: readonly LoadProgress[]): LoadProgress {
  const there = parts.filter((part) => part !== undefined);
  const sum = (field: 'started' | 'finished' | 'failed' | 'dropped' | 'inFlight') =>
    there.reduce((total, part) => total + part[field], 0);
  return {
    seconds: Math.max(...there.map(({ seconds }) => seconds)),
    started: sum('started'),
    finished: sum('finished'),
    failed: sum('failed'),
    dropped: sum('dropped'),
    inFlight: sum('inFlight'),
  };
}
