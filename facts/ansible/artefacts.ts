import { isMap } from '../../lib/kubernetes/object';

type Variables = Readonly<Record<string, unknown>>;

/** Words by which projects name a machine of another kind than a Raspberry Pi. */
const OTHER_MACHINE = /(?:^|[-_.])(amd64|x86_64|x64|i386|armv6|armv7|armhf)(?=$|[-_.])/;

/**
 * Holds the files that hosts are given against what can be fetched once and kept: `ansible/inventory/group_vars/all/artefacts.yml`.
 *
 * @throws Error naming file and variable.
 */
export function refuseImpossibleArtefacts({ artefacts, artefact_sources: sources }: Variables, shownAs: string): void {
  for (const [name, url] of Object.entries(isMap(sources) ? sources : {}))
    if (/^(http|ftp):/.test(String(url)))
      throw new Error(`${shownAs}: artefact_sources.${name}: ${String(url)} is fetched in the clear; write https.`);
  for (const [name, artefact] of Object.entries(isMap(artefacts) ? artefacts : {})) {
    if (!isMap(artefact)) continue;
    const where = `${shownAs}: artefacts.${name}`;
    if (!/\{\{.*_version\b.*\}\}/.test(String(artefact['file'])))
      throw new Error(
        `${where}.file: "${String(artefact['file'])}" is the same for every version, and an old one is taken for the new; put the version into it.`,
      );
    for (const field of ['file', 'url', 'sums']) {
      const other = OTHER_MACHINE.exec(String(artefact[field] ?? '').replace(/\{\{.*?\}\}/g, ''))?.[1];
      if (other)
        throw new Error(`${where}.${field}: ${other} does not run on a Raspberry Pi; name the file for arm64.`);
    }
  }
}

/** Archives of charts by their file names, with the versions filled in. */
export function stagedCharts({ artefacts }: Variables, versions: Variables): string[] {
  return Object.values(isMap(artefacts) ? artefacts : {})
    .map((artefact) =>
      String(isMap(artefact) ? (artefact['file'] ?? '') : '').replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) =>
        String(versions[name]),
      ),
    )
    .filter((name) => name.endsWith('.tgz') && !name.includes('{'));
}
