import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** One line of the journal. */
const journalEntry = z.object({
  /** ISO 8601 UTC. */
  at: z.string(),
  /**
   * `started` and `resumed` open a run of the runner, `stored` ends an attempt and `interrupted` marks one that a run left
   * unfinished; `given-up` ends a trial whose attempts are used up, `finished` the campaign, `stopped` a run that ends early.
   */
  event: z.enum(['started', 'resumed', 'state', 'stored', 'interrupted', 'given-up', 'finished', 'stopped']),
  trial: z.string().optional(),
  attempt: z.number().int().positive().optional(),
  state: z.string().optional(),
  valid: z.boolean().optional(),
  detail: z.string().optional(),
});

export type JournalEntry = Readonly<z.infer<typeof journalEntry>>;

/** The append-only journal of a campaign: every entry is on the disk before what it announces is done. */
export class Journal {
  constructor(private readonly path: string) {}

  append(entry: Omit<JournalEntry, 'at'>): JournalEntry {
    const dated: JournalEntry = { at: new Date().toISOString(), ...entry };
    const descriptor = openSync(this.path, 'a');
    try {
      // A run that died while it wrote may have left half a line; the next entry starts on a line of its own.
      appendFileSync(descriptor, `${this.endsInsideALine() ? '\n' : ''}${JSON.stringify(dated)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return dated;
  }

  /**
   * Every entry so far. Half a line is accepted where a run died: at the end, or right before a `resumed`.
   *
   * @throws {Error} naming the line, where anything else is no journal entry.
   */
  entries(): JournalEntry[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const parsed = lines.map(parseLine);
    parsed.forEach((entry, index) => {
      const next = parsed[index + 1];
      const torn = next === undefined ? index === parsed.length - 1 : next.event === 'resumed';
      if (entry === undefined && !torn)
        throw new Error(`${this.path}, line ${index + 1} is no journal entry: restore the file from a copy.`);
    });
    return parsed.filter((entry) => entry !== undefined);
  }

  private endsInsideALine(): boolean {
    if (!existsSync(this.path)) return false;
    const content = readFileSync(this.path);
    return content.length > 0 && content.at(-1) !== 0x0a;
  }
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    return journalEntry.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
