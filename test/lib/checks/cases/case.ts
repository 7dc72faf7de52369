import { find, type SoundPlatform } from '../sound-platform';

/* eslint-disable @typescript-eslint/no-explicit-any -- tests reach into objects to break them */

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

export function pod(platform: SoundPlatform, label = deployment): any {
  return find(platform, label).spec.template.spec;
}

export function web(platform: SoundPlatform): any {
  return pod(platform).containers[0];
}

export function inWeb(field: string): string {
  return `spec.template.spec.containers[0].${field}`;
}
