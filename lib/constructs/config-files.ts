import { createHash } from 'node:crypto';
import { k8s } from './typed-kinds';
import type { Component } from './component';

/**
 * Text files in a ConfigMap. Pods that mount them carry a checksum of the content, so that a change rolls them.
 *
 * @throws Error for lines that end as Windows ends them: shells and programs take the CR for a part of the line.
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
    for (const [file, content] of Object.entries(files)) refuseCarriageReturns(name, file, content);
    super(component, id, { metadata: component.objectMetadata(name), data: files });
    this.checksum = createHash('sha256')
      .update(JSON.stringify(Object.entries(files)))
      .digest('hex')
      .slice(0, 16);
  }
}

function refuseCarriageReturns(configMap: string, file: string, content: string): void {
  const line = content.split('\n').findIndex((one) => one.endsWith('\r'));
  if (line < 0) return;
  throw new Error(
    `ConfigMap ${configMap}, ${file}: line ${line + 1} ends in CR LF, and a program in a container takes the CR for a part of the line; save the file with LF alone (git config core.autocrlf input, then check it out anew).`,
  );
}
