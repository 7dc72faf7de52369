import { createHash } from 'node:crypto';
import { version } from '@secretlint/secretlint-rule-preset-recommend/package.json';
import { hasPassed, keepPassed } from './passed';

/** Name of this check among those that remember what passed. */
const SECRETS = 'secrets';

/**
 * Credentials that the detector secretlint knows by their form, one sentence each: file, line and what it is, never the text
 * itself. What passed (`outputs`: text by path) is not read again until it changes.
 */
export async function secretsIn(outputs: ReadonlyMap<string, string>): Promise<string[]> {
  const digest = digestOf(outputs);
  if (hasPassed(SECRETS, digest)) return [];
  // Published as ES modules alone, and loaded only where something is new.
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const rules = [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }];
  const found: string[] = [];
  for (const [path, content] of outputs) {
    const source = { filePath: path, content, contentType: 'text' as const };
    const { messages } = await lintSource({ source, options: { config: { rules } } });
    for (const { loc, message } of messages)
      found.push(
        `${path}:${loc.start.line}: ${message.split(': ')[0]}; declare a secret contract and read it from the Secret`,
      );
  }
  if (found.length === 0) keepPassed(SECRETS, digest);
  return found;
}

function digestOf(outputs: ReadonlyMap<string, string>): string {
  const hash = createHash('sha1').update(version);
  for (const [path, content] of outputs) hash.update(`\0${path}\0${content}`);
  return hash.digest('hex');
}
