import { existsSync, readFileSync, statSync } from 'node:fs';
import { z } from 'zod';

/** Where the live cluster says how it is reached, for as long as it runs: below the folder of campaigns, which git does not track. */
export const LIVE_SITE_FILE = 'campaigns/live-site.json';

const liveSite = z.strictObject({
  /** Gateway on loopback, and the names that it knows the API and the sign-in by. */
  url: z.string(),
  apiHost: z.string(),
  authHost: z.string(),
  /** Session of somebody who is signed in, as a `Cookie` header. */
  cookie: z.string(),
  kubectl: z.string(),
  kubeconfig: z.string(),
  /** The rendered manifests as Argo CD sees them there. */
  dist: z.string(),
  prometheus: z.string(),
  /** Process that keeps the cluster: once it is gone, so is the cluster. */
  process: z.number().int().positive(),
  /** What a reader of figures from there has to know. */
  facts: z.record(z.string(), z.string()),
});

/** How a live cluster is reached. */
export type LiveSite = z.infer<typeof liveSite>;

/** @throws {Error} in one sentence, when no live cluster runs, or the file is not one of it. */
export function readLiveSite(file: string = LIVE_SITE_FILE): LiveSite {
  const start = 'start one with "npm run measure -- --keep", and run this beside it';
  if (!existsSync(file)) throw new Error(`No live cluster runs here (${file} is missing): ${start}.`);
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Error(`${file} holds a session and is open to others: chmod 600 ${file}`);
  const result = liveSite.safeParse(parsed(file));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${file}, field ${issue!.path.join('.') || '(all)'}: ${issue!.message}.`);
  }
  if (!isAlive(result.data.process)) throw new Error(`The live cluster that ${file} tells of has ended: ${start}.`);
  return result.data;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${(error as Error).message}.`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
