import type { PlatformModel } from '../constructs/platform-model';
import type { RenderedFile } from '../kubernetes/object';
import { compareText } from './render';
import { toYaml } from './yaml';

/** The text of every file of `dist/`, by path relative to it, in the order of their paths. */
export function toOutputs(model: PlatformModel, files: readonly RenderedFile[]): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  const outputs: [string, string][] = [
    ...files.map((file): [string, string] => [
      file.path,
      toYaml(file.kustomization ? [file.kustomization] : file.objects, written),
    ]),
    ...model.files.map((file): [string, string] => [file.path, file.content]),
    ['secrets.json', secretsFile(model)],
  ];
  return new Map(outputs.sort(([a], [b]) => compareText(a, b)));
}

/** The contracts that Ansible fulfils: names and descriptions, never a value. */
function secretsFile(model: PlatformModel): string {
  const secrets = [...model.secrets]
    .sort((a, b) => compareText(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`))
    .map(({ readers, ...contract }) => ({ ...contract, readers: [...readers].sort(compareText) }));
  return `${JSON.stringify({ secrets }, null, 2)}\n`;
}
