import { resolve } from 'node:path';
import { Command } from 'commander';
import { analyseCampaign } from './measurement/analyse';
import { AnalysisError } from './measurement/finding';
import { DEFAULT_SETTINGS } from './measurement/settings';
import { digits } from './answers/numbers';
import { historyOf, incomparableCells } from './answers/campaign-history';
import { counted } from '../../lib/primitives/counted';

/** `experiment history <campaigns...>`: where figures changed from one campaign, and so one commit, to the next. */
export function historyCommand(): Command {
  return new Command('history')
    .description(
      'Hold campaigns against each other in the order in which they were made, and name where figures changed.',
    )
    .argument('<campaigns...>', 'folders of campaigns')
    .option('--json', 'everything, for machines')
    .action(async (paths: readonly string[], { json }: { json?: true }) => {
      try {
        const campaigns = [];
        for (const path of new Set(paths.map((one) => resolve(one)))) campaigns.push(await analyseCampaign(path));
        campaigns.sort((a, b) => a.manifest.createdAt.localeCompare(b.manifest.createdAt));
        const rows = historyOf(campaigns, DEFAULT_SETTINGS.confidence);
        if (json)
          return void console.log(
            JSON.stringify(
              rows.map((row) => ({ ...row, measure: row.measure.key })),
              null,
              2,
            ),
          );
        for (const [index, cells] of incomparableCells(campaigns).entries())
          if (cells > 0)
            console.log(
              `${campaigns[index].path}: ${counted(cells, 'cell is', 'cells are')} left out, since the latest campaign that has ${cells === 1 ? 'it' : 'them'} measured ${cells === 1 ? 'it' : 'them'} otherwise (origin, site, generator, arrivals, load or scale).`,
            );
        const changed = rows.filter(({ change }) => change !== null);
        for (const { cell, measure, values, change } of changed) {
          const { manifest } = campaigns[change!.from];
          const series = values.map((value) => digits(value)).join(' ');
          console.log(
            `${cell}: ${measure.title} × ${digits(change!.ratio)} from ${manifest.campaign} (commit ${manifest.gitCommit.slice(0, 12)}) on; p ${digits(change!.p)}; ${series}`,
          );
        }
        console.log(
          `${counted(campaigns.length, 'campaign')}, ${counted(rows.length, 'figure')}, ${changed.length} changed beyond chance (all corrected together).` +
            (campaigns.length < 6 ? ' Fewer than six campaigns cannot show a change.' : ''),
        );
      } catch (error) {
        if (!(error instanceof AnalysisError)) throw error;
        console.error(error.message);
        process.exitCode = 1;
      }
    });
}
