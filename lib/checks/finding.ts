/** One thing that is wrong, said so that the reader knows the remedy. */
export interface Finding {
  /** Rule id, such as `pods-run-as-non-root`. */
  readonly rule: string;
  /** The component whose file is wrong, such as `django-api`. */
  readonly component: string;
  /** File under `dist/` that would hold it, such as `platform/django-api.yaml`. */
  readonly file: string;
  /** `<kind>/<name>`; absent when the finding is about a whole file or the model. */
  readonly object?: string;
  /** Path of the field inside the object, such as `spec.template.spec.containers[0].image`. */
  readonly field?: string;
  /** Number of folders that it is built into, where there are several. */
  readonly trees?: number;
  /** What is wrong, as one clause without a full stop. */
  readonly message: string;
  /** What to do about it, as one clause without a full stop. */
  readonly remedy: string;
}
