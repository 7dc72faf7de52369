import { settings } from '../../facts/settings';
import { applicationStatus, type ApplicationStatus } from '../cluster/application';
import type { ControlPlane } from '../cluster/control-plane';
import { eventually } from '../cluster/eventually';
import type { Answer } from '../cluster/gateway/visitor';
import { Visitor } from '../cluster/gateway/visitor';
import type { LiveCluster } from './cluster';
import { nextTag } from './images/catalogue';

export function statusOf(live: LiveCluster, application: string): Promise<ApplicationStatus> {
  return applicationStatus(live.kubectl as unknown as ControlPlane, application);
}

/** Asks Argo CD to look at the repository now, as its button Refresh does, instead of within three minutes. */
export async function refresh(live: LiveCluster): Promise<void> {
  for (const name of await live.applications())
    await live.kubectl.kubectl([
      'annotate',
      'application',
      name,
      '-n',
      'argocd',
      'argocd.argoproj.io/refresh=normal',
      '--overwrite',
    ]);
}

/** Waits until every Application is healthy and synced to a commit. */
export async function synced(live: LiveCluster, commit: string, seconds = 240): Promise<void> {
  let last: Record<string, ApplicationStatus> = {};
  await eventually(
    `all Applications are synced to ${commit.slice(0, 8)} and healthy`,
    async () => {
      last = Object.fromEntries(
        await Promise.all((await live.applications()).map(async (name) => [name, await statusOf(live, name)] as const)),
      );
      const isThere =
        'root' in last &&
        Object.values(last).every(
          ({ sync, health, revision, operation }) =>
            sync === 'Synced' && health === 'Healthy' && revision === commit && operation !== 'Running',
        );
      if (!isThere)
        throw new Error(
          JSON.stringify(
            Object.entries(last).map(([name, { sync, health, revision, operation, conditions, operationMessage }]) => [
              name,
              sync,
              health,
              revision.slice(0, 8),
              operation,
              conditions,
              operationMessage,
            ]),
          ),
        );
      return true;
    },
    seconds * 1000,
  );
}

/** Commits a change, has it synced, and waits until it is healthy. */
export async function rollOut(
  live: LiveCluster,
  message: string,
  files: Readonly<Record<string, string>>,
  seconds?: number,
): Promise<string> {
  const commit = await live.surroundings.commit(
    message,
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`dist/${path}`, text])),
  );
  await refresh(live);
  await synced(live, commit, seconds);
  return commit;
}

/** Someone outside, whose browser comes through the tunnel and finds Google. */
export function visitor(live: LiveCluster): Visitor {
  return new Visitor((host) => (host === 'accounts.google.com' ? live.relays.google.port : live.relays.entry.port));
}

export const ADDRESSES = {
  frontEnd: `https://${settings.hosts.frontEnd}`,
  api: `https://${settings.hosts.api}`,
  auth: `https://${settings.hosts.auth}`,
} as const;

/** Somebody who is signed in; their visitor carries the session. */
async function signedIn(live: LiveCluster): Promise<Visitor> {
  const member = visitor(live);
  const answer: Answer = await member.signIn(
    live.people.authorised,
    `${ADDRESSES.frontEnd}/oauth2/start?rd=${encodeURIComponent(`${ADDRESSES.frontEnd}/`)}`,
  );
  if (answer.status !== 200)
    throw new Error(`signing in ended with status ${answer.status}: ${answer.body.slice(0, 300)}`);
  return member;
}

/** Waits until somebody can sign in: the tunnel is up and every route known. */
export async function entryWorks(live: LiveCluster): Promise<Visitor> {
  let member: Visitor | undefined;
  await eventually('somebody can sign in', async () => (member = await signedIn(live)) !== undefined, 60_000);
  return member!;
}

/** A request of the load: the API's page that asks the database, with a session. */
export function apiRequest(live: LiveCluster, member: Visitor, path = '/api/status/') {
  return {
    method: 'GET' as const,
    url: `https://127.0.0.1:${live.relays.entry.port}${path}`,
    headers: { host: settings.hosts.api, cookie: member.cookiesFor(settings.hosts.api) },
  };
}

/** Makes a flowsheet with its unit operations; returns the path that reads them, which costs the API what users' reading does. */
export async function flowsheetPath(member: Visitor, name: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const made = await member.ask(`${ADDRESSES.api}/api/flowsheets/flowsheets/`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name }),
  });
  if (made.status >= 300) throw new Error(`no flowsheet could be made: ${made.status} ${made.body.slice(0, 200)}`);
  const { id } = JSON.parse(made.body) as { id: number };
  return `/api/unitops/unitops/?flowsheetOwner=${id}`;
}

/**
 * The files of `dist` that a pull request with the next tag of an image of ours changes: the migration's Job is named for the API's tag,
 * and is in the same commit.
 */
export function bumped(live: LiveCluster, image: string, paths: readonly string[]): Record<string, string> {
  const [before, after] = [image.split('@')[0]!, nextTag(image)];
  const tag = (reference: string) => reference.split(':').at(-1)!.replaceAll('.', '-');
  return Object.fromEntries(
    paths.map((path) => {
      const text = live.manifest(path);
      const next = text
        .replaceAll(before, after)
        .replace(`database-migration-${tag(before)}-`, `database-migration-${tag(after)}-`);
      if (next === text) throw new Error(`${path} does not name ${before}`);
      return [path, next];
    }),
  );
}
