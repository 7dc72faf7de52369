import type { PlatformModel } from '../platform-model';

export async function writeArchitecture(_model: PlatformModel, _folder: string): Promise<string[]> {
  throw new Error('not drawn yet');
}
