import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files of the custom resource definitions that the platform uses; kept beside the bindings made from them. */
export function customResourceDefinitions(): string[] {
  const folder = join(__dirname, '..', '..', 'imports', 'crds');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}
