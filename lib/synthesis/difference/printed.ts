import { schemaVersion } from '../../checks/schema/schemas';
import type { PlatformModel } from '../../constructs/platform-model';
import { readFolder } from '../write';
import { compare } from '.';
import { differenceAsAnnotations, differenceAsJson, differenceAsSarif } from './machine-readable';
import { differenceAsMarkdown, differenceAsText } from './report';
import { toldOfCharts, withCharts } from './sides/charts';
import { liveSides } from './sides/cluster';
import { readFolderAt } from './sides/revision';

/** Stands for the cluster of kubectl's current context; a branch of that name is `heads/cluster`. */
const CLUSTER = 'cluster';
/** Where Ansible stages archives of charts; what is there is compared object by object. */
const CHART_ARCHIVES = 'ansible/artefacts';

interface Comparison {
  readonly format: 'text' | 'markdown' | 'json' | 'github' | 'sarif';
  /** Folder of what is rendered. */
  readonly output: string;
  /** A revision of git or the cluster, in place of the folder as it is. */
  readonly against?: string;
}

/** What would change, in the form that was asked for, led by what that does. */
export function differenceText(
  model: PlatformModel,
  rendered: ReadonlyMap<string, string>,
  { format, output, against }: Comparison,
): string {
  const sides = against === CLUSTER ? liveSides(rendered, foldersInForce(model)) : undefined;
  const committed = () => (against ? readFolderAt(against, output) : readFolder(output));
  const charts = withCharts(sides?.before ?? committed(), sides?.after ?? rendered, {
    folder: CHART_ARCHIVES,
    helm: process.env['HELM'] ?? 'helm',
    kubernetes: schemaVersion(),
  });
  const { before, after } = charts;
  const compared = compare(before, after);
  const difference = { ...compared, consequences: toldOfCharts(compared.consequences, charts) };
  const { changes, consequences } = difference;
  const outputs = { before, after, folder: output };
  if (format === 'json') return differenceAsJson(difference, outputs);
  if (format === 'github') return differenceAsAnnotations(difference, outputs);
  if (format === 'sarif') return differenceAsSarif(difference, outputs);
  return format === 'markdown' ? differenceAsMarkdown(changes, consequences) : differenceAsText(changes, consequences);
}

/** What is applied in production: every tree but the variants that stand in for the first. */
function foldersInForce({ trees }: PlatformModel): string[] {
  const variants = trees.filter(({ alongside }) => alongside?.length).slice(1);
  return trees.filter((tree) => !variants.includes(tree)).map(({ directory }) => directory);
}
