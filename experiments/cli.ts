import { historyCommand, reportCommand } from './analysis/command';
import { reportFailure } from '../lib/console/failure';
import { program } from '../lib/console/program';
import { planCommand } from './plan/command';
import { calibrateCommand, rehearseCommand, scaleCommand, searchCommand } from './rehearsal/command';
import { resumeCommand, runCampaignCommand } from './runner/command';

/** Each room offers its sub-commands as `<room>/command.ts`; this file only lists them. */
const experiment = program(
  'experiment',
  'Load experiments against variants of the autoscaling policy.',
  'npm run experiment -- plan --trials',
)
  .addCommand(planCommand())
  .addCommand(rehearseCommand((folder) => reportCommand().parseAsync([folder], { from: 'user' })))
  .addCommand(searchCommand())
  .addCommand(scaleCommand())
  .addCommand(calibrateCommand())
  .addCommand(runCampaignCommand())
  .addCommand(resumeCommand())
  .addCommand(reportCommand())
  .addCommand(historyCommand());

/** A line as a person types it, for the help of each sub-command. */
const EXAMPLES: Readonly<Record<string, string>> = {
  plan: 'plan --trials',
  rehearse: 'rehearse --experiment resources --output campaigns/rehearsed',
  search: 'search --objective "p95 < 200 ms at spike"',
  scale: 'scale --nodes 50 --rate 400',
  calibrate: 'calibrate campaigns/measured',
  run: 'run --local --profile spike --scale 0.05',
  resume: 'resume campaigns/first',
  report: 'report campaigns/first',
  history: 'history campaigns/first campaigns/second',
};
for (const command of experiment.commands)
  command.addHelpText('after', `\nExample:\n  npm run experiment -- ${EXAMPLES[command.name()]}`);

// A reader that went away (`| head`, a closed terminal) ends the output, not the campaign.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

experiment.parseAsync().catch((error: unknown) => reportFailure(error));
