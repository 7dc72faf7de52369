import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';

/** One way to break the sound platform, and the finding that must come of it. */
export interface Case {
  readonly rule: string;
  /** What is done to the sound platform, as the end of the sentence "… fails when". */
  readonly when: string;
  breakIt(platform: SoundPlatform): void;
  readonly object: string;
  readonly field?: string;
  readonly message: RegExp;
}

export const deployment = 'Deployment/web';

export function pod(platform: SoundPlatform, label = deployment): Loose {
  return find(platform, label).spec.template.spec;
}

export function web(platform: SoundPlatform): Loose {
  return pod(platform).containers[0];
}

export function inWeb(field: string): string {
  return `spec.template.spec.containers[0].${field}`;
}
