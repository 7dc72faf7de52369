import { EFFECTS, type Consequence } from './foretold';
import type { Difference } from './index';
import { locate, type Place } from './locate';

/** The outputs on both sides, and the folder that they stand in. */
export interface Located {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  /** Such as `dist`. */
  readonly folder: string;
}

/** Everything, for programs: changes as they are, consequences with file and line. */
export function differenceAsJson({ changes, consequences }: Difference, outputs: Located): string {
  const located = consequences.map((one) => ({
    ...one,
    level: EFFECTS[one.effect].level,
    ...placed(one, outputs),
  }));
  return JSON.stringify({ consequences: located, changes }, undefined, 2);
}

/** Workflow commands by which GitHub shows each consequence beside the line that causes it. */
export function differenceAsAnnotations({ consequences }: Difference, outputs: Located): string {
  const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;
  return consequences
    .map((one) => {
      const { title, level } = EFFECTS[one.effect];
      const { file, line } = placed(one, outputs);
      const properties = [
        ...(file === undefined ? [] : [`file=${property(file)}`, `line=${line}`]),
        `title=${property(title)}`,
      ];
      return `::${commands[level]} ${properties.join(',')}::${message(`${one.object}: ${one.sentence}`)}`;
    })
    .join('\n');
}

/** Static analysis results, version 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function differenceAsSarif({ consequences }: Difference, outputs: Located): string {
  const rules = Object.entries(EFFECTS).map(([id, { title, level }]) => ({
    id,
    shortDescription: { text: title },
    defaultConfiguration: { level },
  }));
  const results = consequences.map((one) => {
    const { file, line } = placed(one, outputs);
    const location = { physicalLocation: { artifactLocation: { uri: file }, region: { startLine: line } } };
    return {
      ruleId: one.effect,
      level: EFFECTS[one.effect].level,
      message: { text: `${one.object}: ${one.sentence}` },
      ...(file !== undefined && { locations: [location] }),
    };
  });
  const driver = { name: 'platform-difference', rules };
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  };
  return JSON.stringify(log, undefined, 2);
}

/** In the new outputs, or where the object is gone in the old ones. */
function placed(one: Consequence, { before, after, folder }: Located): { file?: string; line?: number } {
  const place: Place | undefined = locate(after, one) ?? locate(before, one);
  return place ? { file: `${folder}/${place.path}`, line: place.line } : {};
}

function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
