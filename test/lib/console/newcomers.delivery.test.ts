import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

jest.setTimeout(240_000);

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'newcomer-'));
  mkdirSync(join(place, 'empty'));
  mkdirSync(join(place, 'half'));
  writeFileSync(join(place, 'half', 'campaign.json'), '{');
  writeFileSync(join(place, 'file'), 'hello');
});

test('without what npm ci installs there is one sentence, and no stack', () => {
  mkdirSync(join(place, 'bare', 'lib', 'synthesis'), { recursive: true });
  for (const file of ['package.json', 'main.ts', 'lib/synthesis/require-typescript.cjs'])
    copyFileSync(join(ROOT, file), join(place, 'bare', file));
  const command = ['--require', './lib/synthesis/require-typescript.cjs', 'main.ts', 'synth'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: join(place, 'bare'), encoding: 'utf8' });
  expect(stderr).toMatch(/^error: .* type npm ci first\.\n$/);
  expect(status).toBe(1);
});

test('a file of JSON that is broken is named, with the place', () => {
  const clone = join(place, 'clone');
  mkdirSync(join(clone, 'lib', 'synthesis'), { recursive: true });
  for (const file of ['package.json', 'lib/synthesis/require-typescript.cjs']) copyFileSync(join(ROOT, file), join(clone, file));
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, 'list.json'), '{ "a": 1 "b": 2 }');
  writeFileSync(join(clone, 'main.ts'), "import list from './list.json';\nconsole.log(list);\n");
  const command = ['--require', './lib/synthesis/require-typescript.cjs', 'main.ts'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: clone, encoding: 'utf8' });
  expect(stderr).toMatch(/^error: list\.json: .* position \d+.*; correct the syntax there\.\n$/);
  expect(status).toBe(1);
  writeFileSync(join(clone, 'main.ts'), '\n');
  const empty = spawnSync(process.execPath, command, { cwd: clone, encoding: 'utf8' });
  expect(empty).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error: main\.ts is empty, .*git checkout -- main\.ts\n$/) });
}); // prettier-ignore

test('in a shallow clone the sentence says how to bring the rest', () => {
  const clone = join(place, 'shallow');
  const { stderr: complaint } = spawnSync('git', ['clone', '--quiet', '--depth', '1', `file://${ROOT}`, clone], { encoding: 'utf8' });
  expect(complaint).not.toMatch(/fatal/);
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const command = ['--require', './lib/synthesis/require-typescript.cjs', 'main.ts', 'synth', '--diff', '--against', 'HEAD~3'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: clone, encoding: 'utf8' });
  expect(stderr).toMatch(/"HEAD~3" is no revision that git knows here; .*git fetch --unshallow\n$/);
  expect(status).toBe(1);
}); // prettier-ignore

test.each(['vault-example', 'compose-environment'])('%s says who writes the contracts that are missing or cut off', (script) => {
  const clone = join(place, script);
  mkdirSync(join(clone, 'dist'), { recursive: true });
  for (const folder of ['ansible', 'facts', 'lib']) cpSync(join(ROOT, folder), join(clone, folder), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const run = () => spawnSync('npx', ['tsx', `ansible/${script}.ts`], { cwd: clone, encoding: 'utf8' });
  expect(run()).toMatchObject({ status: 1, stderr: 'dist/secrets.json is not there; npm run synth writes it.\n' });
  writeFileSync(join(clone, 'dist', 'secrets.json'), '{');
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^dist\/secrets\.json is no JSON .*; npm run synth writes it anew\.\n$/) });
}); // prettier-ignore

afterAll(() => rmSync(place, { recursive: true }));

const EXPERIMENT = 'experiments/cli.ts';

/** What somebody types who does not know the commands yet, and what the answer must say. */
test.each<[line: string, says: RegExp]>([
  ['main.ts snyth', /"snyth" is no command; write one of synth, docs/],
  ['main.ts synth dist', /"dist": synth takes no word; a folder is named by --output/],
  ['main.ts synth --diff origin/main', /"origin\/main": synth takes no word; .* a revision by --diff --against <revision>/],
  ['main.ts synth --outptu dist', /unknown option '--outptu'[\s\S]*Did you mean --output/],
  ['main.ts synth --output=', /--output: it is empty; name a folder, such as dist/],
  ['main.ts synth --against=', /--against: it is empty; name a revision of git/],
  ['main.ts synth --format xml', /'xml' is invalid. Allowed choices are text, markdown/],
  ['main.ts synth --format json', /--format json: only a comparison is printed so; add --diff/],
  ['main.ts synth --output PLACE/file', /file is no folder, and a folder is needed there/],
  ['main.ts synth --diff --against mian', /--against: "mian" is no revision that git knows here/],
  ['site/command.ts serve', /"serve": write --serve/],
  ['site/command.ts everything', /"everything": no such word is taken here; --help says what is/],
  ['delivery/next-version-command.ts --prefix django-api --repository PLACE/nowhere', /--repository: there is no folder \S+nowhere; name a clone/],
  ['test/fixtures/reference-api/run.ts --tsl', /Unknown option '--tsl'; npm run reference-api -- --help lists/],
  ['test/fixtures/reference-api/run.ts --port 99999', /--port is "99999": give a port, up to 65535/],
  [`${EXPERIMENT} scale --rate -5`, /argument '-5' is invalid. Give a whole number above 0/],
  ['main.ts docs --output', /option '--output <folder>' argument missing/],
  [`${EXPERIMENT} paln`, /unknown command 'paln'[\s\S]*Did you mean plan/],
  [`${EXPERIMENT} plan --trails`, /unknown option '--trails'[\s\S]*Did you mean --trials/],
  [`${EXPERIMENT} rehearse --experiment resorces`, /--experiment "resorces": the plan has no experiment of this name; resources is near/],
  [`${EXPERIMENT} rehearse --variant uor-minimum-3`, /--variant "uor-minimum-3": the plan has no variant of this name; uor-minimum-\d is near/],
  [`${EXPERIMENT} rehearse --seed abc`, /'--seed <number>' argument 'abc' is invalid. Give a whole number/],
  [`${EXPERIMENT} rehearse --threads 0`, /argument '0' is invalid. Give a whole number above 0/],
  [`${EXPERIMENT} rehearse --profile spikes`, /argument 'spikes' is invalid. Allowed choices are average, stress, spike/],
  [`${EXPERIMENT} rehearse --test-type uro`, /argument 'uro' is invalid. Allowed choices are uor, fs/],
  [`${EXPERIMENT} rehearse --output PLACE/file`, /file is no folder/],
  [`${EXPERIMENT} rehearse --what-if`, /'--what-if <setting=value...>' argument missing/],
  [`${EXPERIMENT} rehearse --what-if replicas`, /--what-if replicas: write name=value with one of these names: pod-start/],
  [`${EXPERIMENT} rehearse --what-if nodes=many`, /--what-if nodes=many/],
  [`${EXPERIMENT} search`, /required option '--objective <text>' not specified/],
  [`${EXPERIMENT} search --objective fast`, /--objective "fast" is not understood: write a share, a limit and a profile/],
  [`${EXPERIMENT} scale --nodes 0`, /'--nodes <number>' argument '0' is invalid. Give a whole number above 0/],
  [`${EXPERIMENT} scale --nodes five`, /argument 'five' is invalid/],
  [`${EXPERIMENT} run --site moon`, /argument 'moon' is invalid. Allowed choices are cluster, compose, live/],
  [`${EXPERIMENT} run --local --experiment resorces`, /--experiment "resorces": the plan has no experiment/],
  [`${EXPERIMENT} resume`, /missing required argument 'folder'/],
  [`${EXPERIMENT} resume PLACE/empty`, /empty holds no campaign: there is no campaign.json in it/],
  [`${EXPERIMENT} resume PLACE/half`, /half\/campaign.json is no JSON/],
  [`${EXPERIMENT} report PLACE/file`, /file holds no campaign/],
  [`${EXPERIMENT} report PLACE/half`, /half\/campaign.json is not JSON/],
])('%s', (line, says) => {
  const words = line.replaceAll('PLACE', place).split(' ');
  const command = words[0] === 'main.ts' ? ['--require', './lib/synthesis/require-typescript.cjs'] : ['--import', 'tsx'];
  const { status, stderr } = spawnSync(process.execPath, [...command, ...words], { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/\n +at /);
  expect(status).toBe(1);
}); // prettier-ignore
