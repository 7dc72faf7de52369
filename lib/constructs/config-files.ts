import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-28';
import type { Component } from './component';

/**
 * Text files in a ConfigMap. Pods that mount them carry a checksum of the content, so that a change rolls them: without
 * it a running process keeps the old settings until something else restarts it.
 */
export class ConfigFiles extends k8s.KubeConfigMap {
  /** Digest of names and contents; 16 hexadecimal digits tell any two versions apart. */
  readonly checksum: string;

  constructor(
    component: Component,
    id: string,
    readonly files: Readonly<Record<string, string>>,
    name = id,
  ) {
    super(component, id, { metadata: component.objectMetadata(name), data: files });
    this.checksum = createHash('sha256')
      .update(JSON.stringify(Object.entries(files)))
      .digest('hex')
      .slice(0, 16);
  }
}
