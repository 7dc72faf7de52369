import { folderOf } from '../../lib/kubernetes/object';
import { yamlOf } from '../lib/constructs/yaml-of';
import { platformFiles } from './rendered';

// The trees of the other variants differ from production in the fields that their rows declare; a test of the plan holds that.
// The policies grow with every component, and are made of what each declares: dist/ shows them, and the rules judge them.
const files = platformFiles.filter(
  (file) => ['platform', 'workloads/production'].includes(folderOf(file)) && file.path !== 'platform/network.yaml',
);

/** Another with each change of the platform, as `platform-applied.test.ts` holds. */
const DIGEST_OF_PLATFORM = /sha256-[0-9a-f]{16}(-[0-9a-f]{8})?/g;

describe('manifests', () => {
  it.each(files.map(({ path, objects }) => [path, objects] as const))('%s is as reviewed', (_path, objects) => {
    expect(yamlOf(objects).replaceAll(DIGEST_OF_PLATFORM, 'sha256-of-the-platform')).toMatchSnapshot();
  });
});
