import type { App } from 'cdk8s';
import { componentsOf, connectionsOf } from '../lib/constructs/model-parts';
import { NetworkPolicies } from '../lib/constructs/network/network-policies';
import { nameServer } from './external';
import { AhuoraComponent, type Platform } from './platform';

/** Default deny, and one policy for each component of the platform and of `workloads` from what it declares. */
export class Network extends AhuoraComponent {
  constructor(platform: Platform, workloads: App) {
    super(platform, 'network', 'foundation');
    const connections = () => connectionsOf(componentsOf(platform.app, workloads));
    new NetworkPolicies(this, { connections, nameServer });
  }
}
