import { Command } from 'commander';
import { historyCommand, reportCommand } from './analysis/command';
import { reportFailure } from '../lib/console/failure';
import { planCommand } from './plan/command';
import { calibrateCommand, rehearseCommand, scaleCommand, searchCommand } from './rehearsal/command';
import { resumeCommand, runCommand } from './runner/command';

/** Each room offers its sub-commands as `<room>/command.ts`; this file only lists them. */
const program = new Command('experiment')
  .description('Load experiments against variants of the autoscaling policy.')
  .addCommand(planCommand())
  .addCommand(rehearseCommand((folder) => reportCommand().parseAsync([folder], { from: 'user' })))
  .addCommand(searchCommand())
  .addCommand(scaleCommand())
  .addCommand(calibrateCommand())
  .addCommand(runCommand())
  .addCommand(resumeCommand())
  .addCommand(reportCommand())
  .addCommand(historyCommand());

// A reader that went away (`| head`, a closed terminal) ends the output, not the campaign.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

program.parseAsync().catch((error: unknown) => reportFailure(error));
