import { Command } from 'commander';
import type { PlatformModel } from '../platform-model';
import { synthesise } from './index';

/** The folder that `cdk8s synth` wipes before it starts the app; see cdk8s.yaml. */
const CDK8S_STAGING = '.cache/cdk8s';

/**
 * The command line of the platform: `synth` (the default) renders, checks and writes `dist/`.
 * Sets the process's exit code: 1 when nothing was written because of findings or bad settings.
 */
export async function runCommand(
  buildModel: () => PlatformModel,
  argv: readonly string[] = process.argv,
): Promise<void> {
  const program = new Command('platform');
  program
    .command('synth', { isDefault: true })
    .description('render, check and write the manifests')
    .action(async () => {
      const result = await synthesise(buildModel(), { outputDirectories: outputDirectories() });
      for (const path of result.outputs.keys()) console.log(path);
    });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = 1;
    console.error(messageOf(error));
  }
}

function outputDirectories(): string[] {
  const cdk8s = process.env.CDK8S_OUTDIR;
  if (!cdk8s) return ['dist'];
  return cdk8s === CDK8S_STAGING ? ['dist', cdk8s] : [cdk8s];
}

/** Bad settings get their sentence; a defect of the program itself gets its stack. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isDefect = [TypeError, ReferenceError, RangeError, SyntaxError].some((type) => error instanceof type);
  return isDefect ? (error.stack ?? error.message) : `error: ${error.message}`;
}
