import { inContainer } from '../container-rule';
import { asList, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import type { Rule, Violation } from '../rule';
import { mountsOf } from './mounts';
import { optionsOfPod } from './options';
import { programOf } from './written-options';

/** Rules of settings whose value is a file or a folder. */
export const fileSettingRules: readonly Rule[] = [
  {
    id: 'files-of-settings-are-mounted',
    why: 'A server that is told a file that is not in its container does not start, and its root file system holds none of ours.',
    remedy: 'name a file below a folder that the container mounts',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        yield* inOptions(scope, pod);
        yield* inVariables(scope, pod);
      }
    },
  },
];

/** Options of the programs that are known, by which a file or a folder is told. */
const NAMES_A_FILE = /(^|_)(file|dir|director(y|ies)|logfile|pidfile)$/;
/** Variables of libpq, which any program may be linked to, and of the programs that are known. */
const OF_LIBPQ = /^PG(SSLROOTCERT|SSLCERT|SSLKEY|SSLCRL|PASSFILE|SERVICEFILE)$/;
const OF_PROGRAM = /(^PGDATA$|_(FILE|DIR|DIRECTORY)$)/;

function* inOptions(scope: Scope, pod: PodTemplate): Iterable<Violation> {
  const folders = mountsOf(scope, pod).map(({ path }) => path);
  for (const option of optionsOfPod(pod, scope)) {
    if ('line' in option || !NAMES_A_FILE.test(option.name)) continue;
    const missing = pathsIn(option.value).find((path) => !isThere(path, folders));
    if (missing === undefined) continue;
    const message = `${option.name} is ${missing}, and the pod mounts ${folders.join(', ') || 'nothing'}`;
    yield { at: option.at, field: option.field, message };
  }
}

function* inVariables(scope: Scope, pod: PodTemplate): Iterable<Violation> {
  for (const container of pod.containers) {
    const isKnown = programOf(container.spec) !== undefined;
    const folders = mountsOf(scope, pod).flatMap(({ path, mounter }) => (mounter === container ? [path] : []));
    for (const [index, { name, value }] of asList(container.spec.env).entries()) {
      if (!OF_LIBPQ.test(String(name)) && !(isKnown && OF_PROGRAM.test(String(name)))) continue;
      const missing = pathsIn(value).find((path) => !isThere(path, folders));
      if (missing === undefined) continue;
      const message = `${name} is ${missing}, and it mounts ${folders.join(', ') || 'nothing'}`;
      yield inContainer(pod, container, `env[${index}].value`, message);
    }
  }
}

const pathsIn = (value: unknown) => (typeof value === 'string' ? value : '').match(/(?<![\w./-])\/[\w./-]+/g) ?? [];

/** What an image brings itself, and the kernel. */
const BROUGHT = /^\/(usr|proc|dev|sys|etc\/ssl\/certs)(\/|$)/;

function isThere(path: string, folders: readonly string[]): boolean {
  return BROUGHT.test(path) || folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
