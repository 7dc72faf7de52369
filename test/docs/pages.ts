import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the repository. */
export const ROOT = join(__dirname, '../..');

/** Every page that people read, by its path in the repository. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
