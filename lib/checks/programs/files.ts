import { filesOf } from '../objects/calls';
import { asList, podField, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { inContainer } from '../container-rule';
import type { Rule, Violation } from '../rule';
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
        }
      }
    },
  },
  {
    id: 'lists-of-users-are-written',
    why: 'A pooler whose list of users is not there lets nobody in.',
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
          if (isMounted || isWritten) continue;
          yield { at, field, message: `auth_file ${path} is written by no init container` };
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
        for (const { path, kind, field, mounter } of mountsOf(scope, pod)) {
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
        for (const container of pod.containers) yield* missingFolders(pod, container);
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

interface Mount {
  readonly path: string;
  readonly kind: 'files' | 'claim' | 'scratch';
  /** Files that are there; absent where a program makes them. */
  readonly names?: readonly string[];
  readonly field: string;
  readonly mounter: ContainerOfPod;
  readonly isReadOnly: boolean;
}

const known = new WeakMap<PodTemplate, readonly Mount[]>();

function mountsOf(scope: Scope, pod: PodTemplate): readonly Mount[] {
  const found = known.get(pod) ?? readMounts(scope, pod);
  known.set(pod, found);
  return found;
}

function readMounts(scope: Scope, pod: PodTemplate): Mount[] {
  const volumes = new Map(asList(pod.spec.volumes).map((volume) => [volume.name, volume]));
  return pod.containers.flatMap((container) =>
    asList(container.spec.volumeMounts).flatMap(({ name, mountPath, subPath, readOnly }, index): Mount[] => {
      const volume = volumes.get(name);
      const base = {
        path: String(mountPath),
        field: `${container.field}.volumeMounts[${index}].mountPath`,
        mounter: container,
        isReadOnly: readOnly === true,
      };
      if (!volume || volume.persistentVolumeClaim) return [{ ...base, kind: 'claim' }];
      if (volume.emptyDir) return [{ ...base, kind: 'scratch' }];
      const source = volume.configMap ?? volume.secret;
      if (!source || subPath) return [];
      const items = asList(source.items);
      const map = volume.configMap && scope.find('ConfigMap', pod.namespace, volume.configMap.name);
      if (items.length > 0) return [{ ...base, kind: 'files', names: items.map(({ path }): string => path) }];
      return map
        ? [{ ...base, kind: 'files', names: Object.keys(map.object.data ?? {}) }]
        : [{ ...base, kind: 'files' }];
    }),
  );
}

interface Text {
  readonly at: PodTemplate['at'];
  readonly field: string;
  readonly text: string;
  /** The container that is told; every container where a file says it. */
  readonly container?: ContainerOfPod;
}

const knownTexts = new WeakMap<PodTemplate, readonly Text[]>();

/** Commands, arguments and variables of a pod, and its files without their comments; each pod is read once. */
function textsOf(scope: Scope, pod: PodTemplate): readonly Text[] {
  const found = knownTexts.get(pod) ?? readTexts(scope, pod);
  knownTexts.set(pod, found);
  return found;
}

function readTexts(scope: Scope, pod: PodTemplate): Text[] {
  const ofContainers = pod.containers.flatMap((container) => {
    const { spec, field } = container;
    return [
      ...['command', 'args'].flatMap((list) =>
        ((spec[list] ?? []) as unknown[]).map((part, index) => ({
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
}

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
