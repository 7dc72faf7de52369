import { settings } from '../../facts/settings';
import { synthesise } from '../../lib/synthesis';
import { model } from '../../main';

/**
 * Writes what `npm run synth` would once `signals.enabled` is true, and nothing else in `facts/settings.ts` has changed.
 *
 * @throws Error when a check finds something, as `npm run synth` would.
 */
export async function renderWithSignals(folder: string): Promise<void> {
  const changed = model({ ...settings, signals: { ...settings.signals, enabled: true } });
  const { findings } = await synthesise(changed, { outputDirectories: [folder] });
  if (findings.length > 0) throw new Error(`with signals: ${JSON.stringify(findings[0])}`);
}
