import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/**
 * Runs a build step at low priority with its output in a log file.
 *
 * @throws Error with the command, the end of the log and its path; or, when the program is missing, `missing`.
 */
export async function runLogged(
  program: string,
  args: readonly string[],
  options: {
    readonly log: string;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly missing?: string;
  },
): Promise<void> {
  const log = openSync(options.log, 'w');
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn('nice', ['-n', '10', program, ...args], {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        stdio: ['ignore', log, log],
      });
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (code === 127) throw new Error(`tools: cannot find "${program}": ${options.missing ?? `install ${program}`}`);
    if (code !== 0) {
      const tail = readFileSync(options.log, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
      throw new Error(
        `tools: "${program} ${args[0]}" ended with status ${code}; whole log in ${options.log}; its end:\n${tail}`,
      );
    }
  } finally {
    closeSync(log);
  }
}
