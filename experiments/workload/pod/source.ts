import { join } from 'node:path';
import { threadSource } from '../thread-source';

/** The generator of a pod as one plain JavaScript file that needs nothing but Node: `node program.cjs <load> <folder>`. */
export function podProgram(): string {
  return threadSource(join(__dirname, 'program.ts'));
}
