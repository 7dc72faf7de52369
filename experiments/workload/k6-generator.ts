import { spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { ArrivalSchedule } from '../plan';
import type { LoadGenerator, LoadOptions, LoadResult } from './generator';
import type { Load } from './load';
import { samplesFromLines, type SampleLine, type StartLine } from './sample-line';

/** k6's exit status when a threshold ended the test. https://github.com/grafana/k6/blob/master/errext/exitcodes/codes.go */
const THRESHOLD_EXIT = 99;

/** The k6 script as one file that k6 runs. */
export function k6Bundle(): string {
  return buildSync({
    entryPoints: [join(__dirname, 'k6', 'script.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2020',
    external: ['k6', 'k6/*'],
    write: false,
  }).outputFiles[0]!.text;
}

/** Sends the load with Grafana k6, which must be on the PATH. */
export class K6Generator implements LoadGenerator {
  constructor(private readonly command = 'k6') {}

  async run(load: Load, options: LoadOptions = {}): Promise<LoadResult> {
    if (load.arrivals !== undefined)
      throw new Error('k6 spaces requests evenly: arrivals at random need --generator embedded.');
    const folder = mkdtempSync(join(tmpdir(), 'ahuora-k6-'));
    try {
      return await this.runIn(folder, load, options);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private async runIn(folder: string, load: Load, options: LoadOptions): Promise<LoadResult> {
    const [script, loadFile, output] = ['script.js', 'load.json', 'samples.jsonl'].map((name) => join(folder, name));
    writeFileSync(script!, k6Bundle());
    writeFileSync(loadFile!, JSON.stringify(load));
    const words = ['run', '--quiet', '--no-usage-report', '--no-summary', '--log-format', 'raw'];
    const before = Date.now();
    const exit = await this.start(
      [...words, '--console-output', output!, '-e', `AHUORA_LOAD=${loadFile}`, script!],
      options,
    );
    const seconds = (Date.now() - before) / 1000;
    const aborted = exit.code === THRESHOLD_EXIT && load.abortAboveVirtualUsers !== undefined;
    if (exit.code !== 0 && exit.code !== THRESHOLD_EXIT)
      throw new Error(`k6 ended with status ${exit.code}: ${exit.complaints.trim().slice(-300) || 'no message'}`);
    const lines = existsSync(output!) ? await readLines(output!) : [];
    const startedAt = lines[0]?.start_time ?? before;
    const last = lines.reduce((latest, line) => Math.max(latest, line.started_s), 0);
    const end = Math.min(last, ArrivalSchedule.of(load).seconds, seconds);
    return {
      generator: 'k6',
      startedAt: new Date(startedAt),
      aborted,
      samples: samplesFromLines(load, lines, aborted ? end : undefined),
    };
  }

  private start(words: readonly string[], { signal }: LoadOptions): Promise<{ code: number; complaints: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.command, words, { stdio: ['ignore', 'ignore', 'pipe'] });
      let complaints = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4000)));
      const stop = () => {
        child.kill('SIGINT');
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', stop, { once: true });
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'ENOENT'
            ? new Error('k6 is not on the PATH: install it, or use --generator embedded.')
            : error,
        ),
      );
      child.once('close', (code) => {
        signal?.removeEventListener('abort', stop);
        resolve({ code: code ?? -1, complaints });
      });
    });
  }
}

async function readLines(file: string): Promise<(StartLine | SampleLine)[]> {
  const lines: (StartLine | SampleLine)[] = [];
  for await (const text of createInterface({ input: createReadStream(file) }))
    if (text.startsWith('{')) lines.push(parsedLine(text, lines.length + 1));
  return lines;
}

function parsedLine(text: string, number: number): StartLine | SampleLine {
  try {
    return JSON.parse(text) as StartLine | SampleLine;
  } catch {
    throw new Error(
      `Line ${number} of k6's samples is cut off ("${text.slice(0, 40)}…"): look at the room on the disk of ${tmpdir()}, and run the trial again.`,
    );
  }
}
