import { checkPlatform } from '../lib/checks';
import { toOutputs } from '../lib/synthesis/outputs';
import { renderFiles } from '../lib/synthesis/render';
import { COMPONENTS_OF_THE_PLATFORM, modelOf } from './synth-model';

/**
 * Measures one size in this process and prints its time and its processor time: constructs, rendering, checks and YAML, without
 * disk. Small models come first, so that the engine has compiled what it is going to run.
 */
function main(factor: number): void {
  for (let round = 0; round < 3; round += 1) synthesiseInMemory(modelOf(COMPONENTS_OF_THE_PLATFORM, `warm-${round}`));
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const objects = synthesiseInMemory(modelOf(factor * COMPONENTS_OF_THE_PLATFORM, 'web'));
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    JSON.stringify({ milliseconds: performance.now() - start, cpuMilliseconds: (user + system) / 1000, objects }),
  );
}

function synthesiseInMemory(model: ReturnType<typeof modelOf>): number {
  const files = renderFiles(model);
  const [finding] = checkPlatform(model, files);
  if (finding)
    throw new Error(`the benchmark's own model is broken: ${finding.file} ${finding.object} ${finding.message}`);
  toOutputs(model, files);
  return files.reduce((total, file) => total + file.objects.length, 0);
}

main(Number(process.argv[2]));
