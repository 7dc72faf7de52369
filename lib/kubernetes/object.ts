/** One Kubernetes object as plain JSON, as it will be written; `isOfKind` says what its other fields are. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly [field: string]: unknown;
}

/** Whether a value is a map of JSON or YAML, and neither a list nor nothing. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One manifest file as it will be written under `dist/`: checks and diffs work on these, before anything is on disk. */
export interface RenderedFile {
  /** Path relative to `dist/`, such as `platform/django-api.yaml`. */
  readonly path: string;
  /** The component that owns the file, such as `django-api`. */
  readonly component: string;
  /** Objects in the order in which they are written. */
  readonly objects: readonly KubernetesObject[];
  /** Present in the one file of a folder that says how the folder is built; it holds no objects then. */
  readonly kustomization?: Kustomization;
  /** Folder whose built result the objects are part of, where it is not the file's own. */
  readonly builtInto?: string;
}

/** Folder of a file's objects once everything is built, such as `workloads/production`. */
export function folderOf(file: RenderedFile): string {
  return file.builtInto ?? file.path.slice(0, file.path.lastIndexOf('/'));
}

/** As much of a kustomization as synthesis writes: other folders and files, and partial objects laid over them. */
export interface Kustomization {
  readonly apiVersion: 'kustomize.config.k8s.io/v1beta1';
  readonly kind: 'Kustomization';
  /** Files of the folder, and other folders relative to it. */
  readonly resources: readonly string[];
  /** Files of the folder, each with partial objects (strategic merge patches). */
  readonly patches?: readonly { readonly path: string }[];
}
