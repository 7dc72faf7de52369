/** One Kubernetes object as plain JSON, as it will be written. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // The rest of an object depends on its kind; the schema check knows it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly [field: string]: any;
}

/** One manifest file as it will be written under `dist/`: checks and diffs work on these, before anything is on disk. */
export interface RenderedFile {
  /** Path relative to `dist/`, such as `platform/django-api.yaml`. */
  readonly path: string;
  /** The component that owns the file, such as `django-api`. */
  readonly component: string;
  /** Objects in the order in which they are written. */
  readonly objects: readonly KubernetesObject[];
}
