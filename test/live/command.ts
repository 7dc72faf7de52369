import { run, type CommandResult } from '../cluster/daemon';

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws Error with the command and the end of what it said, when it fails.
 */
export async function must(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<string> {
  const result = await run(program, args, options);
  if (result.status !== 0)
    throw new Error(`${program} ${args.join(' ').slice(0, 200)} ended with status ${result.status}: ${said(result)}`);
  return result.stdout;
}

/** The end of what a program printed, errors first. */
export function said({ stdout, stderr }: CommandResult): string {
  return (stderr.trim() || stdout.trim()).slice(-1500);
}
