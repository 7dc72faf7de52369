import { Component } from '../../lib/constructs/component';
import { SIGNALS_NAMESPACE } from '../../facts/namespaces';
import type { Platform } from '../platform';

/** A component of what signals beyond CPU need: a file of `dist/signals`, in a namespace of its own. */
export class SignalsComponent extends Component {
  constructor({ app }: Platform, name: string, syncWave = 0) {
    super(app, name, { namespace: SIGNALS_NAMESPACE, partOf: 'signals', syncWave });
  }
}
