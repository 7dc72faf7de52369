import { posix } from 'node:path';
import { nearestName } from '../../kubernetes/names/nearest-name';
import { filesOf } from '../objects/calls';
import { kept } from '../objects/kept';
import { asList, podField, WORDS, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { inContainer } from '../container-rule';
import type { Rule, Violation } from '../rule';
import { mountsOf, type MountedFolder } from './mounts';
import { isNginx, programOf } from './written-options';

/** Rules of the folders that containers mount, and of the paths that lead there. */
export const fileRules: readonly Rule[] = [
  {
    id: 'paths-lead-to-files',
    why: 'A program that is told a file that its folder does not hold ends at once, or goes on without it.',
    remedy: 'correct the path, or the name of the file in its ConfigMap',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        const mounts = mountsOf(scope, pod);
        for (const { at, field, text, container } of textsOf(scope, pod)) {
          for (const { path, names, mounter } of mounts) {
            if (!names || (container && mounter !== container)) continue;
            if (!text.includes(path)) continue;
            for (const [, name = ''] of text.matchAll(pathBelow(path))) {
              if (names.includes(name)) continue;
              yield { at, field, message: `${path} holds ${names.join(', ') || 'no file'}, and not ${name}` };
            }
          }
          for (const { folder, near } of nearlyMounted(text, container, mounts))
            yield { at, field, message: `nothing is mounted at ${folder}; ${near} is near` };
        }
      }
    },
  },
  {
    id: 'lists-of-users-are-written',
    why: 'A pooler whose list of users is not there lets nobody in, and a card keeps passwords that were deleted.',
    remedy: 'name the file that an init container writes, or one that is mounted',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        const texts = textsOf(scope, pod);
        for (const { at, field, text } of texts) {
          const path = /^auth_file\s*=\s*(\S+)/m.exec(text)?.[1];
          if (path === undefined) continue;
          const isMounted = mountsOf(scope, pod).some(({ path: folder, names }) =>
            names?.some((name) => path === `${folder}/${name}`),
          );
          const isWritten = texts.some(
            ({ container, text: word }) => container?.isInit === true && word.includes(path),
          );
          if (!isMounted && !isWritten)
            yield { at, field, message: `auth_file ${path} is written by no init container` };
          const onDisk = mountsOf(scope, pod).find(
            ({ path: folder, kind, isInMemory }) => kind === 'scratch' && !isInMemory && path.startsWith(`${folder}/`),
          );
          if (onDisk) {
            const message = `the passwords of auth_file ${path} are written to the card of the node`;
            const remedy = 'give the emptyDir the medium Memory';
            yield { at: pod.at, field: onDisk.field, message, remedy };
          }
        }
      }
    },
  },
  {
    id: 'mounts-are-used',
    why: 'A folder that no argument, variable or file names is read by nobody: what was meant to be there lies elsewhere.',
    remedy: 'correct mountPath, or the path that the program is told',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        const texts = textsOf(scope, pod);
        for (const { path, kind, field, mounter, names } of mountsOf(scope, pod)) {
          const unread = kind === 'files' && isNginx(pod) ? unreadByNginx(path, names) : undefined;
          if (unread) yield { at: pod.at, field, message: unread };
          // What images that are not known read by themselves is not known either.
          if (programOf(mounter.spec) === undefined && kind === 'files') continue;
          if (
            kind === 'scratch' ||
            CONVENTIONAL.includes(path) ||
            texts.some(({ text }) => text.includes(path) && named(path).test(text))
          )
            continue;
          yield { at: pod.at, field, message: `nothing that the pod is told names ${path}` };
        }
      }
    },
  },
  {
    id: 'programs-write-where-they-may',
    why: 'The root file system is read-only: a program that cannot write where it must ends at its start.',
    remedy: 'mount an emptyDir there, without readOnly',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const container of pod.containers) {
          yield* missingFolders(pod, container);
          yield* foldersOfVariables(pod, container, mountsOf(scope, pod));
        }
        for (const { kind, path, field, isReadOnly } of mountsOf(scope, pod)) {
          if (kind !== 'files' && isReadOnly)
            yield {
              at: pod.at,
              field: field.replace(/mountPath$/, 'readOnly'),
              message: `nothing can be written to ${path}`,
            };
        }
      }
    },
  },
  {
    id: 'mounted-files-can-be-read',
    why: 'Files of a Secret belong to root: others read them by their group alone, and nobody needs to execute them.',
    remedy: 'set fsGroup of the pod, and a mode of 0440 or 0400, which is octal',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const [index, volume] of asList(pod.spec.volumes).entries()) {
          yield* judgeModes(pod, volume, podField(pod, `volumes[${index}]`));
        }
      }
    },
  },
];

/** Folders that images read by themselves: those of nginx and of Postgres (https://hub.docker.com/_/postgres). */
const CONVENTIONAL = ['/etc/nginx/conf.d', '/etc/nginx/templates', '/docker-entrypoint-initdb.d'];

const { basename, dirname } = posix;

/** Source: the nginx.conf of the image, https://github.com/nginx/docker-nginx. */
function unreadByNginx(path: string, names: readonly string[] = []): string | undefined {
  if (!path.startsWith('/etc/nginx')) return undefined;
  if (!CONVENTIONAL.includes(path)) return `nginx reads /etc/nginx/conf.d, and not ${path}`;
  const wanted = path.endsWith('conf.d') ? '.conf' : '.template';
  const other = names.find((name) => !name.endsWith(wanted));
  return other && `nginx reads the files ${wanted} of ${path}, and not ${other}`;
}

interface Text {
  readonly at: PodTemplate['at'];
  readonly field: string;
  readonly text: string;
  /** The container that is told; every container where a file says it. */
  readonly container?: ContainerOfPod;
}

/** Commands, arguments and variables of a pod, and its files without their comments; each pod is read once. */
const textsOf = (scope: Scope, pod: PodTemplate) => readTexts(pod, scope);

const readTexts = kept((pod: PodTemplate, scope: Scope): readonly Text[] => {
  const ofContainers = pod.containers.flatMap((container) => {
    const { spec, field } = container;
    return [
      ...WORDS.flatMap((list) =>
        ((spec[list] ?? []) as readonly unknown[]).map((part, index) => ({
          field: `${field}.${list}[${index}]`,
          text: String(part),
        })),
      ),
      ...asList(spec.env).map(({ value }, index) => ({
        field: `${field}.env[${index}].value`,
        text: String(value ?? ''),
      })),
    ].map((text) => ({ ...text, at: pod.at, container }));
  });
  const ofFiles = filesOf(scope, pod).map(({ at, field, text }) => ({
    at,
    field,
    text: text.replace(/^\s*#.*$/gm, ''),
  }));
  return [...ofContainers, ...ofFiles];
});

const patterns = new Map<string, RegExp>();

/** A file right below a folder. */
const pathBelow = (folder: string) => patternOf(folder, `/([\\w.-]+)(?=$|[\\s"';,:)])`, 'g');
/** The folder itself, or anything below it. */
const named = (folder: string) => patternOf(folder, `(?![\\w.-])`, '');

function patternOf(folder: string, after: string, flags: string): RegExp {
  const known = patterns.get(folder + after);
  if (known) return known;
  const pattern = new RegExp(`(?<![\\w./-])${folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${after}`, flags);
  patterns.set(folder + after, pattern);
  return pattern;
}

/** Folders of a text that are nearly called as one that is mounted, beside it. */
function* nearlyMounted(
  text: string,
  container: ContainerOfPod | undefined,
  mounts: readonly MountedFolder[],
): Iterable<{ folder: string; near: string }> {
  const there = mounts.filter(({ mounter }) => !container || mounter === container).map(({ path }) => path);
  const seen = new Set<string>();
  for (const [path] of text.matchAll(/(?<![\w./-])(?:\/[\w.-]+)+/g)) {
    if (there.some((mount) => path === mount || path.startsWith(`${mount}/`) || mount.startsWith(`${path}/`))) continue;
    for (const mount of there) {
      const parts = mount.split('/').length;
      const folder = path.split('/').slice(0, parts).join('/');
      if (seen.has(folder) || dirname(folder) !== dirname(mount) || !nearestName(basename(folder), [basename(mount)]))
        continue;
      seen.add(folder);
      yield { folder, near: mount };
    }
  }
}

/** Folders that a server writes to, by what serves; one of each list must be there. */
const WRITTEN = {
  // The socket: unix_socket_directories of Debian's package, on which the image is built.
  postgres: [['/var/run/postgresql', '/run/postgresql']],
  // The PID file, and the folders of requests that are too large for memory.
  nginx: [
    ['/var/run', '/run'],
    ['/var/cache/nginx', '/var/cache'],
  ],
} as const;

function* missingFolders(pod: PodTemplate, container: ContainerOfPod): Iterable<Violation> {
  if (asList(container.spec.ports).length === 0) return;
  const program = programOf(container.spec) === 'postgres' ? 'postgres' : isNginx(pod) ? 'nginx' : undefined;
  if (!program) return;
  const mounted = asList(container.spec.volumeMounts).map(({ mountPath }) => String(mountPath).replace(/\/$/, ''));
  for (const folders of WRITTEN[program] as readonly (readonly string[])[]) {
    if (folders.some((folder) => mounted.includes(folder))) continue;
    yield inContainer(pod, container, 'volumeMounts', `${program} writes to ${folders[0]}, where nothing is mounted`);
  }
}

/** Variables by which programs are told a folder of their own to write to. */
const WRITTEN_BY_NAME =
  /^(HOME|TMPDIR|TMP|TEMP|XDG_\w+_HOME|\w+_(CACHE|TMP|TEMP|SCRATCH|WORK)_(DIR|DIRECTORY|FOLDER|PATH))$/;

function* foldersOfVariables(
  pod: PodTemplate,
  container: ContainerOfPod,
  mounts: readonly MountedFolder[],
): Iterable<Violation> {
  if (container.spec.securityContext?.readOnlyRootFilesystem !== true) return;
  const writable = mounts.filter(({ mounter, kind }) => mounter === container && kind !== 'files');
  for (const [index, { name, value }] of asList(container.spec.env).entries()) {
    if (!WRITTEN_BY_NAME.test(String(name)) || typeof value !== 'string' || !value.startsWith('/')) continue;
    if (writable.some(({ path }) => value === path || value.startsWith(`${path}/`))) continue;
    yield inContainer(pod, container, `env[${index}].value`, `${name} is ${value}, where nothing can be written`);
  }
}

function* judgeModes(
  pod: PodTemplate,
  volume: { secret?: { defaultMode?: number }; name?: string },
  field: string,
): Iterable<Violation> {
  const mode = volume.secret?.defaultMode;
  if (mode === undefined) return;
  const octal = `0${mode.toString(8)}`;
  const place = { at: pod.at, field: `${field}.secret.defaultMode` };
  if ((mode & 0o111) !== 0 || (mode & 0o222) !== 0)
    yield {
      ...place,
      message: `the mode ${octal} lets the files be ${(mode & 0o111) !== 0 ? 'executed' : 'written to'}`,
    };
  else if ((mode & 0o007) !== 0)
    yield { ...place, message: `the mode ${octal} lets everybody in the container read the files` };
  else if (pod.spec.securityContext?.fsGroup === undefined) {
    const message = `the files have the mode ${octal} and belong to root, and the pod has no fsGroup`;
    yield { at: pod.at, field: podField(pod, 'securityContext.fsGroup'), message };
  }
}
