import { createHash } from 'node:crypto';
import { ApiObject, type App } from 'cdk8s';
import type { KubernetesObject } from '../kubernetes/object';
import { componentsOf } from './model-parts';
import { bindLate } from './late-bound';

/**
 * Digest of every object of an output that is of an earlier sync wave: 16 hexadecimal digits tell any two versions apart. To be asked
 * when all components of the output are made.
 */
export function digestOfEarlierWaves(app: App, wave: number): string {
  bindLate(app);
  const hash = createHash('sha256');
  for (const component of componentsOf(app)) {
    for (const made of component.node.findAll()) {
      if (!(made instanceof ApiObject)) continue;
      const object = component.stamped(made.toJson() as KubernetesObject);
      if (Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave']) < wave)
        hash.update(JSON.stringify(object));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
