import type { KubernetesObject, RenderedFile } from '../../kubernetes/object';

/** An object and the file it will be written to. */
export interface PlacedObject {
  readonly file: RenderedFile;
  readonly object: KubernetesObject;
  /** `<kind>/<name>`. */
  readonly label: string;
  /** Namespace; empty for kinds that belong to none. */
  readonly namespace: string;
}
