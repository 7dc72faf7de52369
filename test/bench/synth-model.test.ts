import { COMPONENTS_OF_THE_PLATFORM, modelOf } from '../../bench/synth-model';
import { checkPlatform } from '../../lib/checks';
import { renderFiles } from '../../lib/synthesis/render';

test('the platform that the benchmark of synthesis multiplies breaks no rule, so that the benchmark runs', () => {
  const model = modelOf(COMPONENTS_OF_THE_PLATFORM, 'web');
  const files = renderFiles(model);
  expect(files.flatMap(({ objects }) => objects).length).toBeGreaterThan(COMPONENTS_OF_THE_PLATFORM * 5);
  expect(checkPlatform(model, files)).toEqual([]);
});
