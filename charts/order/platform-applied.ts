import { k8s } from '../../lib/constructs/typed-kinds';
import { digestOfEarlierWaves } from '../../lib/constructs/earlier-waves';
import type { ConfigReference } from '../../lib/constructs/pod/container';
import { AhuoraComponent, waves, type Platform } from '../platform';

/**
 * Says which contents of `dist/platform` are in force: a ConfigMap with one key, the digest of all objects of earlier waves, which
 * Argo CD writes when those are healthy. Made last of the platform's components. The tunnel is of its own wave, so an uplink is not
 * waited for.
 */
export class PlatformApplied extends AhuoraComponent {
  /** Who reads it starts when the platform of the same commit is in force. */
  readonly reference: ConfigReference;

  constructor(platform: Platform) {
    super(platform, 'platform-applied', 'upkeep');
    this.reference = { configMap: this.name, key: `sha256-${digestOfEarlierWaves(platform.app, waves.upkeep)}` };
    new k8s.KubeConfigMap(this, 'digest', {
      metadata: this.objectMetadata(),
      data: { [this.reference.key]: 'applied' },
    });
  }
}
