import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      environment: z.record(z.string(), z.string()).optional(),
      ports: z.array(z.string()).optional(),
      profiles: z.array(z.string()).optional(),
    }),
  ),
});

/** What the runner needs of the rendered Compose file. */
export interface ComposeFile {
  readonly path: string;
  /** The file's text, to see that it stays what was started. */
  readonly text: string;
  /** Image of each service that runs all the time. */
  readonly images: ReadonlyMap<string, string>;
  /** Port of the machine on which the API answers. */
  readonly port: number;
  /** Host name by which the API may be called: Django refuses others. */
  readonly host: string;
}

/** The service under load. */
const API_SERVICE = 'django-api';

/** @throws {Error} naming the file, and the field that is not as synthesis writes it. */
export function readComposeFile(path: string): ComposeFile {
  if (!existsSync(path)) throw new Error(`${path} does not exist: run "npm run synth" first.`);
  const text = readFileSync(path, 'utf8');
  const result = composeFile.safeParse(parse(text));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new Error(`${path}, field ${issue.path.join('.') || '(all)'}: ${issue.message}.`);
  }
  const { services } = result.data;
  const port = Number(services[API_SERVICE]?.ports?.[0]?.split(':')[0]);
  const host = services[API_SERVICE]?.environment?.['ALLOWED_HOSTS']?.split(',')[0];
  if (!(port > 0)) throw new Error(`${path}, field services.${API_SERVICE}.ports: no published port.`);
  if (host === undefined)
    throw new Error(`${path}, field services.${API_SERVICE}.environment.ALLOWED_HOSTS is missing.`);
  const lasting = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);
  const images = new Map(lasting.map(([name, { image }]) => [name, image]));
  return { path, text, images, port, host };
}

/**
 * Looks for every variable that the file insists on (`${NAME:?…}`) or makes a file of, where Compose itself looks.
 *
 * @throws {Error} naming those that are missing.
 */
export function insistOnVariables({ path, text }: ComposeFile, environment: NodeJS.ProcessEnv = process.env): void {
  const dotEnv = join(dirname(path), '.env');
  const written = existsSync(dotEnv) ? readFileSync(dotEnv, 'utf8') : '';
  const files = Object.values((parse(text) as { secrets?: Record<string, { environment: string }> }).secrets ?? {});
  const wanted = [
    ...new Set([
      ...[...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!),
      ...files.map(({ environment }) => environment),
    ]),
  ];
  const missing = wanted.filter(
    (name) =>
      (environment[name] ?? '') === '' && !new RegExp(`^\\s*(export\\s+)?${name}\\s*=\\s*\\S`, 'm').test(written),
  );
  if (missing.length > 0)
    throw new Error(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set: Docker Compose needs ${missing.length === 1 ? 'it' : 'them'} from the environment or ${dotEnv} (or leave its trials out with --site cluster).`,
    );
}
