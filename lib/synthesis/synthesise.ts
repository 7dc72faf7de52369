import { checkPlatform, type Finding } from '../checks';
import type { PlatformModel } from '../constructs/platform-model';
import { builtFiles } from '../kubernetes/kustomization';
import type { RenderedFile } from '../kubernetes/object';
import { toOutputs } from './outputs';
import { renderFiles } from './render';
import { replaceFolder } from './write';

/** Where synthesis writes, and whether. */
export interface SynthesisOptions {
  /** Folders that receive the outputs, such as `dist`; none means render and check only. */
  readonly outputDirectories: readonly string[];
  /** Called with the texts once nothing was found; throws where something else speaks against writing. */
  readonly beforeWriting?: (outputs: ReadonlyMap<string, string>) => void | Promise<void>;
}

/** What synthesis made of a model. */
export interface SynthesisResult {
  /** Everything that is applied, kustomizations built. */
  readonly files: readonly RenderedFile[];
  /** Text by path relative to the output folder. */
  readonly outputs: ReadonlyMap<string, string>;
  /** What the checks found; when there is any, nothing was written. */
  readonly findings: readonly Finding[];
  /** Output folders whose content changed. */
  readonly changed: readonly string[];
}

/**
 * Renders a model in memory, checks it, and only then writes it, all or nothing.
 *
 * @throws Error when a construct refuses its settings or a folder cannot be written.
 */
export async function synthesise(model: PlatformModel, options: SynthesisOptions): Promise<SynthesisResult> {
  const rendered = renderFiles(model);
  const files = builtFiles(rendered);
  const findings = checkPlatform(model, files);
  const outputs = toOutputs(model, rendered);
  if (findings.length === 0) await options.beforeWriting?.(outputs);
  const changed =
    findings.length === 0 ? options.outputDirectories.filter((folder) => replaceFolder(folder, outputs)) : [];
  return { files, outputs, findings, changed };
}
