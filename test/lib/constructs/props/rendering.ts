import type { App } from 'cdk8s';
import { Component } from '../../../../lib/constructs/component';
import { volumesFile } from '../../../../lib/constructs/database/local-volume';
import { componentsOf, connectionsOf, modelParts } from '../../../../lib/constructs/model-parts';
import { podsElsewhere, udp } from '../../../../lib/constructs/network/endpoint';
import { NetworkPolicies } from '../../../../lib/constructs/network/network-policies';
import { renderFiles } from '../../../../lib/synthesis/render';
import { fixtures, type Fixtures, type Samples } from './samples';

const nameServer = podsElsewhere('dns', 'kube-system', { 'k8s-app': 'kube-dns' }, udp(53));

/** Everything that reaches dist/ of a construct with these arguments: its objects, policies, Secrets and folders. */
export function renderingOf(
  construct: Samples['construct'],
  argumentsFor: (given: Fixtures) => readonly unknown[],
): string {
  const given = fixtures();
  new construct(given.component, ...argumentsFor(given));
  const app = given.component.node.root as App;
  const network = new Component(app, 'network', { namespace: 'space', partOf: 'system', syncWave: 0 });
  new NetworkPolicies(network, { connections: () => connectionsOf(componentsOf(app)), nameServer });
  const objects = renderFiles({ trees: [{ directory: 'out', app }] }).flatMap((file) => file.objects);
  const components = componentsOf(app);
  return JSON.stringify([objects, modelParts(components).secrets, volumesFile(components).content]);
}
