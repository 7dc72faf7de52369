import type { LooseObject } from '../../fixtures/loose';
import { App } from 'cdk8s';
import { Component } from '../../../lib/constructs/component';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import type { Host } from '../../../lib/kubernetes/inventory';
import type { Resources } from '../../../lib/constructs/pod/resources';
import { renderFiles } from '../../../lib/synthesis/render';

/** A component of no particular platform. */
export function sampleComponent(name = 'sample'): Component {
  return new Component(new App(), name, { namespace: 'space', partOf: 'system', syncWave: 3 });
}

/** The objects that a component renders. */
export function objectsOf(component: Component): readonly KubernetesObject[] {
  const app = component.node.root as App;
  return renderFiles({ trees: [{ directory: 'out', app }] } as Parameters<typeof renderFiles>[0]).flatMap(
    ({ objects }) => objects,
  );
}

/** What a construct makes, as `<kind>/<name>`, in order. */
export function kindsOf(component: Component): string[] {
  return objectsOf(component).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

/** The one object of a kind. */
export function only(component: Component, kind: string): LooseObject {
  const found = objectsOf(component).filter((object) => object.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}`);
  return found[0]!;
}

export const RESOURCES: Resources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '64Mi', limit: '128Mi' },
};

export const NODE: Host = { name: 'node-1', address: '10.0.0.1', role: 'agent', cores: 4, memoryMiB: 8192 };
