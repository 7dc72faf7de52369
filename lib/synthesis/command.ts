import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import type * as Printed from './difference/printed';
import type * as Objects from './objects';
import type * as Picture from './picture';
import type { PlatformModel } from '../constructs/platform-model';
import { findingsText } from './findings-text';
import { synthesise, type SynthesisResult } from './synthesise';
import { secretsIn } from './before-writing/secret-scan';
import { loadedSources, typeErrors } from './before-writing/type-check';
import { summarise } from './summary';
import { isDefect, reportFailure } from '../console/failure';
import { toMarkdown, toText } from '../console/text-table';

/** The folder that `cdk8s synth` wipes before it starts the app; see cdk8s.yaml. */
const CDK8S_STAGING = '.cache/cdk8s';

interface SynthFlags {
  output: string;
  diff?: boolean;
  against?: string;
  variants?: boolean;
  format: Format;
}

type Format = 'text' | 'markdown' | 'json' | 'github' | 'sarif';
/** What programs read; of a comparison alone. */
const MACHINE_FORMATS: readonly Format[] = ['json', 'github', 'sarif'];

const SYNTH_EXAMPLES = `
Examples:
  npm run synth                                    render, check and write dist/
  npm run synth -- --diff                          what would change, and what that does
  npm run synth -- --diff --against main           the same, against a branch
  npm run synth -- --diff --against cluster        the same, against the cluster that kubectl reaches
  npm run synth -- --diff --format github          annotations of a pull request (json and sarif, too)`;

/**
 * The command line of the platform: `synth` (the default) renders, checks and writes `dist/`; `docs` draws it.
 * Sets the process's exit code: 1 when nothing was written because of findings, bad settings or bad flags.
 */
export async function runCommand(
  buildModel: () => PlatformModel,
  argv: readonly string[] = process.argv,
): Promise<void> {
  const program = new Command('platform').showSuggestionAfterError().exitOverride();
  program
    .command('synth', { isDefault: true })
    .description('Render every manifest, check it, and write dist/ as a whole or not at all.')
    .addHelpText('after', '\nExample:\n  npm run synth\n  npm run synth -- --diff --against main')
    .option('--output <folder>', 'folder to write', 'dist')
    .option('--diff', 'write nothing; show what would change and what that does, by object and field')
    .option(
      '--against <revision>',
      'compare with that git revision, or with the running `cluster`, instead of the folder on disk; implies --diff',
    )
    .option('--variants', 'print what each workload variant asks for, too')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'markdown', ...MACHINE_FORMATS]).default('text'),
    )
    .addHelpText('after', SYNTH_EXAMPLES)
    .allowExcessArguments(true)
    .action((flags: SynthFlags, { args }: Command) => {
      refuseWords(args, isNamed(argv), program);
      return synth(buildModel, flags);
    });
  program
    .command('docs')
    .description('Draw the architecture as SVG, and list the rules.')
    .option('--output <folder>', 'folder to write', 'docs/generated')
    .allowExcessArguments(false)
    .action(async ({ output }: { output: string }) => {
      // Loaded only here: the layout engine would slow every synth down.
      const { writeDocumentation } = require('./picture') as typeof Picture;
      for (const file of await writeDocumentation(buildModel(), output)) console.log(file);
    });
  program
    .command('objects')
    .description('Describe every object of production as JSON: who calls it, which rules read it, which line made it.')
    .option('--output <file>', 'file to write', '.cache/objects.json')
    .allowExcessArguments(false)
    .action(({ output }: { output: string }) => {
      const { describeObjects } = require('./objects') as typeof Objects;
      mkdirSync(dirname(output), { recursive: true });
      writeFileSync(output, JSON.stringify(describeObjects(buildModel, process.cwd())));
    });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const { code, exitCode } = error as { code?: string; exitCode?: number };
    if (code?.startsWith('commander.')) {
      process.exitCode = exitCode ? 1 : 0; // Commander has said what was wrong.
      return;
    }
    reportFailure(error, `error: ${placeOf(error)}`);
  }
}

/** Whether the first word is the command itself, and not one that is taken for a word of the default. */
const isNamed = (argv: readonly string[]) => argv.includes('synth');

/** Commander would speak of too many arguments of a command that the person may not have written. */
function refuseWords([word]: readonly string[], isNamed: boolean, program: Command): void {
  if (word === undefined) return;
  if (isNamed)
    throw new Error(
      `"${word}": synth takes no word; a folder is named by --output <folder>, a revision by --diff --against <revision>`,
    );
  const known = program.commands.map((command) => command.name());
  throw new Error(`"${word}" is no command; write one of ${known.join(', ')}`);
}

/** An option that was given without content is a variable of the shell that is empty. */
function refuseEmpty(flags: SynthFlags): void {
  for (const [name, meaning] of [
    ['output', 'a folder, such as dist'],
    ['against', 'a revision of git, such as main'],
  ] as const) {
    if (flags[name]?.trim() === '') throw new Error(`--${name}: it is empty; name ${meaning}`);
  }
}

async function synth(buildModel: () => PlatformModel, flags: SynthFlags): Promise<void> {
  refuseEmpty(flags);
  const isComparison = flags.diff === true || flags.against !== undefined;
  if (!isComparison && MACHINE_FORMATS.includes(flags.format))
    throw new Error(`--format ${flags.format}: only a comparison is printed so; add --diff`);
  const model = built(buildModel);
  const result = await synthesise(model, {
    outputDirectories: isComparison ? [] : outputDirectories(flags.output),
    beforeWriting: async (outputs) => {
      refuseTypeErrors();
      await refuseSecrets(flags.output, outputs);
    },
  });
  if (result.findings.length > 0) {
    process.exitCode = 1;
    // A misspelt property is a mistake of types, and shows as what is missing: the compiler names its place.
    const errors = typeErrors();
    if (errors.length > 0) console.error(`${typeErrorText(errors)}\n`);
    console.error(findingsText(result.findings));
  } else if (isComparison) {
    // What it takes to compare is loaded by those who do.
    const { differenceText } = require('./difference/printed') as typeof Printed;
    console.log(differenceText(model, result.outputs, flags));
  } else console.log(reportOf(model, result, flags));
}

/** A mistake of types often shows as a defect elsewhere: the compiler names its place. */
function built(buildModel: () => PlatformModel): PlatformModel {
  try {
    return buildModel();
  } catch (error) {
    if (!(error instanceof Error) || isDefect(error) || !namesFile(error)) refuseTypeErrors();
    throw error;
  }
}

function refuseTypeErrors(): void {
  const errors = typeErrors();
  if (errors.length === 0) return;
  throw new Error(typeErrorText(errors));
}

function typeErrorText(errors: readonly string[]): string {
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return [`${count} of types, so nothing was written`, '', ...errors.map((error) => `  ${error}`)].join('\n');
}

async function refuseSecrets(folder: string, outputs: ReadonlyMap<string, string>): Promise<void> {
  if (!loadedSources()) return; // As with types: in jest, which cannot load the detector.
  const found = await secretsIn(outputs);
  if (found.length === 0) return;
  throw new Error(
    ['a credential would be committed, so nothing was written', '', ...found.map((each) => `  ${folder}/${each}`)].join(
      '\n',
    ),
  );
}

function reportOf(model: PlatformModel, result: SynthesisResult, { format, output, variants }: SynthFlags): string {
  const summary = summarise(model, result.files);
  const print = format === 'markdown' ? toMarkdown : toText;
  const parts = [print(summary.components)];
  if (summary.variants && variants) parts.push(print(summary.variants));
  else if (summary.variants)
    parts.push(`${summary.variants.rows.length} workload variants; --variants lists what each asks for`);
  const outcome = result.changed.length > 0 ? 'written' : 'up to date';
  const notes = (model.notes ?? []).map((note) => `note: ${note}`);
  return [...parts, ...notes, `${output}: ${result.outputs.size} files, ${outcome}`].join('\n\n');
}

function outputDirectories(output: string): string[] {
  const cdk8s = process.env.CDK8S_OUTDIR;
  if (!cdk8s) return [output];
  return cdk8s === CDK8S_STAGING ? [output, cdk8s] : [cdk8s];
}

/** Where a chart made what was refused, as what stands before a sentence that names no file itself. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || namesFile(error)) return '';
  const place = /[/\\]((?:charts|argocd|facts)[/\\][\w./-]+\.ts:\d+)/.exec(error.stack ?? '')?.[1];
  return place === undefined ? '' : `${place}: `;
}

function namesFile(error: Error): boolean {
  return /\.(ts|ya?ml|conf|sh|json)\b|^--/.test(error.message);
}
