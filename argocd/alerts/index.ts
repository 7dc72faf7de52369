import { stringify } from 'yaml';
import type { PlainFile } from '../../lib/constructs/platform-model';
import { dashboard } from './dashboard';
import { ruleGroup } from './rules';

/**
 * The alerts and the dashboard of `dist/alerts`: a person takes them to Grafana, see docs/how-to/watch-the-cluster.md.
 *
 * @param signals whether autoscalers may look at another signal than CPU
 */
export function alertFiles(cluster: string, signals = false): PlainFile[] {
  return [
    { path: 'alerts/rules.yaml', content: stringify({ groups: [ruleGroup(cluster, signals)] }, { lineWidth: 0 }) },
    { path: 'alerts/dashboard.json', content: `${JSON.stringify(dashboard(cluster), null, 2)}\n` },
  ];
}
