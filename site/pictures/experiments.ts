import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTEMPT_STATES, type AttemptState } from '../../experiments/runner/attempt/attempt-context';
import { clusterVariants, EXPERIMENTS, SPECIFIED_PROFILES } from '../../experiments/plan';
import { box, COLOURS, drawGraph, GRAPH, legend, markup, zone, ZONES } from '../../lib/console/diagram';
import { reportFailure } from '../../lib/console/failure';

/** What happens in each state of an attempt. */
const MEANINGS: Readonly<Record<AttemptState, string>> = {
  select: 'Argo CD is pointed at the variant',
  settle: 'waits until every pod is ready',
  delay: 'adds 5 ms, and measures it',
  flowsheet: 'creates what is solved',
  'warm-up': 'asks before anything counts',
  load: 'sends requests by the plan',
  'remove-flowsheet': 'deletes it, whatever failed',
  'remove-delay': 'takes it away, and measures',
  'cool-down': 'watches how pods are taken away',
  metrics: 'fetches CPU, memory, pods',
  judge: 'valid, or what makes it invalid',
  store: 'samples and verdict, for good',
};

/** The way of an experiment as an SVG, from the table of the plan to an answer. */
export function experimentsPicture(): Promise<string> {
  const variants = clusterVariants(EXPERIMENTS).length;
  const rows = ATTEMPT_STATES.map(
    (state) => `<TR><TD ALIGN="LEFT">${state}</TD><TD ALIGN="LEFT">${markup(MEANINGS[state])}</TD></TR>`,
  );
  const [fill, line] = COLOURS.blue;
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" COLOR="${line}" BGCOLOR="${fill}">${rows.join('')}</TABLE>`;
  const dot = [
    'digraph experiments {',
    ...GRAPH,
    ...zone('plan', 'public', [
      box(
        'plan',
        [
          'plan',
          `${EXPERIMENTS.length} experiments, ${variants} variants`,
          `${SPECIFIED_PROFILES.length} load profiles`,
        ],
        'green',
      ),
      box('dist', ['dist/workloads/', 'a folder for each variant'], 'green'),
      box('campaign', ['campaign', 'trials in random order'], 'green'),
    ]),
    box('rehearsal', ['rehearsal', 'the same', 'in virtual time'], 'violet'),
    ...zone('trial', 'inside', [`  "trial" [shape=plain, style="", label=<${table}>]`]),
    ...zone('answers', 'apart', [
      box('samples', ['samples and records', 'Parquet and JSON on disk'], 'amber'),
      box('report', ['report', 'intervals and answers'], 'amber'),
    ]),
    '  "plan" -> "dist"',
    '  "plan" -> "campaign"',
    '  "campaign" -> "rehearsal"',
    '  "campaign" -> "trial"',
    '  "dist" -> "trial"',
    '  "trial" -> "samples"',
    '  "samples" -> "report"',
    '  "rehearsal" -> "report"',
    // Beside the table of states it would make the picture too wide.
    '  { rank=same; "samples"; "rehearsal" }',
    ...legend(
      [
        [ZONES.public, 'written down before anything runs'],
        [ZONES.inside, 'each trial, each state in a journal'],
        [ZONES.apart, 'kept, whatever happens'],
      ],
      ['report'],
    ),
    '}',
    '',
  ].join('\n');
  return drawGraph(dot, 'The way of an experiment: from the table of the plan to an answer');
}

/** Where the picture goes. */
export const PICTURE = join(__dirname, '..', '..', 'docs', 'generated', 'experiments.svg');

if (require.main === module)
  experimentsPicture().then(
    (picture) => writeFileSync(PICTURE, picture),
    (error: unknown) => reportFailure(error),
  );
