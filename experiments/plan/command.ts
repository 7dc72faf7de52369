import { Command } from 'commander';
import { EXPERIMENTS } from './experiment';
import { expandTrials, wallClockSeconds } from './trial';

/** `experiment plan`: lists experiments, variants and trials before anything runs. */
export function planCommand(): Command {
  return new Command('plan').description('List experiments, variants, trials and time.').action(() => {
    const trials = expandTrials(EXPERIMENTS);
    for (const experiment of EXPERIMENTS) {
      console.log(`${experiment.name} ${experiment.testType}: ${experiment.variants.length} variants`);
    }
    console.log(`${trials.length} trials, ${(wallClockSeconds(trials) / 3600).toFixed(1)} h`);
  });
}
