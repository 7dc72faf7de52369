import { settings } from '../../facts/settings';
import { checkPlatform } from '../../lib/checks';
import { builtFiles } from '../../lib/kubernetes/kustomization';
import { toOutputs } from '../../lib/synthesis/outputs';
import { renderFiles } from '../../lib/synthesis/render';
import { replaceFolder } from '../../lib/synthesis/write';
import { model } from '../../main';

/**
 * Writes what `npm run synth` would once `signals.enabled` is true, and nothing else in `facts/settings.ts` has changed.
 *
 * @throws Error when a check finds something, as `npm run synth` would.
 */
export function renderWithSignals(folder: string): void {
  const changed = model({ ...settings, signals: { ...settings.signals, enabled: true } });
  const rendered = renderFiles(changed);
  const [finding] = checkPlatform(changed, builtFiles(rendered));
  if (finding) throw new Error(`with signals: ${JSON.stringify(finding)}`);
  replaceFolder(folder, toOutputs(changed, rendered));
}
