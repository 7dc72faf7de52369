import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ansibleFolder, installsAnsible, type Engineer, type PlaybookOutcome } from './ansible';
import { must } from './command';
import { k3sVersions, publishedK3s, sha256 } from './published-artefacts';
import type { Walk } from './documented';
import { internet, type Rack } from './rack';
import { step } from './step';

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** The engineer's first day: artefacts come from the stand-in internet, their sums are written down, and only sound ones are kept. */
export function stageSteps(rack: () => Rack, engineer: () => Engineer, page: Walk): void {
  const words = (outcome: PlaybookOutcome) => outcome.output.replace(/\s+/g, ' ');
  const staged = (file: string) => engineer().path('artefacts', file);
  const downloaded = () => (readFileSync(rack().requestLog, 'utf8').match(/GET \/downloads\//g) ?? []).length;
  const files = () => readdirSync(engineer().path('artefacts')).sort();
  const published = (name: RegExp) =>
    join(
      rack().downloads,
      readdirSync(rack().downloads, { recursive: true, encoding: 'utf8' }).find((path) => name.test(basename(path)))!,
    );
  /** Runs `stage`, which must fail with these words, change no recorded sum, and keep nothing of the artefacts named. */
  const refused = async (sentences: readonly RegExp[], absent: readonly string[]) => {
    const sums = readFileSync(engineer().checksums, 'utf8');
    const outcome = await engineer().playbook('stage');
    expect(outcome.status).not.toBe(0);
    for (const sentence of sentences) expect(words(outcome)).toMatch(sentence);
    // Neither under its name nor, half-written, under another one.
    for (const file of absent) expect(files().filter((each) => each.includes(file.slice(0, 8)))).toEqual([]);
    expect(files().filter((each) => each.startsWith('.'))).toEqual([]);
    expect(readFileSync(engineer().checksums, 'utf8')).toBe(sums);
  };

  step('what the page says to type before the first playbook is what this rack was made by', async () => {
    // Ansible was installed by it, into another home.
    expect(page.take(installsAnsible)).toContain('tools/requirements-ansible.txt');
    expect(join(__dirname, '..', '..', page.take('cd ').slice(3))).toBe(ansibleFolder);
  });

  step('the vault as the example has it is refused value by value', async () => {
    const whole = engineer().vault;
    engineer().copyVaultExample(page.take('cp '), page.take('ansible-vault encrypt '));
    try {
      const outcome = await engineer().playbook('site');
      expect(outcome.status).not.toBe(0);
      for (const name of ['k3s_token', 'docker_hub_token', 'secrets: ahuora/cloudflared: token'])
        expect(words(outcome)).toContain(`vault.yml: ${name} still has the placeholder of vault.example.yml`);
    } finally {
      engineer().writeVaultWith(whole);
    }
  });

  step('without staged artefacts site stops at once and names the playbook that stages them', async () => {
    const outcome = await engineer().playbook('site');
    expect(outcome.status).not.toBe(0);
    expect(words(outcome)).toContain(
      `artefact 'k3s' (k3s-${k3sVersions.installed}) has no sha256; run \`ansible-playbook playbooks/stage.yml\``,
    );
    expect(outcome.output).not.toContain('PLAY [Ingress]');
  });

  step('stage refuses by name what differs from the sum upstream publishes and what breaks off, and keeps none of it', async () => {
    const tampered = published(/^k6-.*tar\.gz$/);
    const broken = published(/^zerotier-one_.*deb$/);
    const sound = readFileSync(tampered);
    writeFileSync(tampered, Buffer.concat([sound, Buffer.from('tampered')]));
    writeFileSync(`${broken}.cut`, '');
    try {
      await refused(
        [
          new RegExp(`artefact 'k6' \\(http\\S+\\): The checksum for \\S+ did not match ${sha256Of(sound)}`),
          /artefact 'zerotier' \(http\S+\): Incomplete read/,
        ],
        [basename(tampered), basename(broken)],
      );
    } finally {
      writeFileSync(tampered, sound);
      rmSync(`${broken}.cut`);
    }
  }); // prettier-ignore

  step("the mirror's binary is made by the command that stage prints and the page has: out of the image for arm64", async () => {
    await engineer().upstream.start();
    await engineer().upstream.push('mcronce/oci-registry', 'v0.4.5', 'usr/local/bin/oci-registry');
    const outcome = await engineer().playbook('stage', [...page.next('stage'), '--extra-vars', '{"registry_engine": "oci-registry"}']);
    expect(outcome.status).not.toBe(0);
    const printed = /is missing; make it, in the folder ansible, with: (go run .*?>artefacts\/oci-registry-v[\d.]+)/;
    expect(words(outcome)).toMatch(printed);
    const command = printed.exec(words(outcome))![1]!;
    expect(page.take('go run ')).toBe(command.replace(internet.images, 'docker.io/mcronce/oci-registry'));
    // In a checkout of its own, so that nothing is left in this one.
    const folder = engineer().path('checkout', 'ansible');
    mkdirSync(join(folder, 'artefacts'), { recursive: true });
    symlinkSync(join(__dirname, '..', '..', 'tools'), engineer().path('checkout', 'tools'));
    await must('go', ['mod', 'download'], { cwd: engineer().path('checkout', 'tools', 'crane'), seconds: 120 });
    await must('ip', ['netns', 'exec', rack().internetNamespace, 'sh', '-c', command], { cwd: folder, seconds: 300, env: { GOPROXY: 'off' } });
    expect(readFileSync(join(folder, 'artefacts', 'oci-registry-v0.4.5'), 'utf8')).toBe('arm64\n');
    // The other engine's, as it stands on the page: from this machine's processor for the Pi's.
    await must('sh', ['-c', page.take('GOOS=linux ')], { cwd: folder, seconds: 300 });
    const [other] = readdirSync(join(folder, 'artefacts')).filter((name) => name.startsWith('registry-mirror'));
    expect(other).toBe(basename(engineer().mirrorBinary));
    // Its header: ELF, 64 bits, machine 183 (arm64).
    const header = readFileSync(join(folder, 'artefacts', other!)).subarray(0, 20);
    expect([header.subarray(1, 4).toString(), header[4], header.readUInt16LE(18)]).toEqual(['ELF', 2, 183]);
  }); // prettier-ignore

  step('stage fetches every artefact, compares it with what upstream publishes, and writes the sums down', async () => {
    await engineer().makeMirror();
    const outcome = await engineer().playbook('stage', page.next('stage'));
    expect(outcome.status).toBe(0);
    const sums = engineer().recordedSums();
    expect(Object.keys(sums)).toHaveLength(8);
    // What the page has looked at next is the file they were written into.
    expect(engineer().checksums).toBe(engineer().path(page.take('git diff ').slice('git diff '.length)));
    for (const [file, sum] of Object.entries(sums)) expect(`${file} ${sha256(staged(file))}`).toBe(`${file} ${sum}`);
    const k3s = publishedK3s(rack().downloads, k3sVersions.installed);
    expect(sums[`k3s-${k3sVersions.installed}`]).toBe(sha256(k3s));
    expect(words(outcome)).toMatch(/Taken on trust, since upstream publishes no sum: zerotier-one_[\d.]+_arm64\.deb\./);
  }, 'all that follows'); // prettier-ignore

  step('a second stage changes nothing and downloads nothing', async () => {
    const before = downloaded();
    const outcome = await engineer().playbook('stage');
    expect(outcome.status).toBe(0);
    expect(outcome.recap.get('ingress')).toMatchObject({ changed: 0, failed: 0 });
    expect(downloaded()).toBe(before);
  });

  step(
    'stage refuses what changed upstream since its sum was recorded, and a staged file that was altered',
    async () => {
      const file = published(/^zerotier-one_.*deb$/);
      const sound = readFileSync(file);
      const kept = engineer().path('kept');
      const k3s = staged(`k3s-${k3sVersions.installed}`);
      const soundK3s = readFileSync(k3s);
      renameSync(staged(basename(file)), kept);
      writeFileSync(file, 'another build of the same version');
      writeFileSync(k3s, 'altered');
      try {
        await refused(
          [
            new RegExp(`artefact 'zerotier' \\(http\\S+\\): The checksum for \\S+ did not match ${sha256Of(sound)}`),
            /artefact 'k3s' \(\S+\): \S+ has sha256 [0-9a-f]{64}, checksums.yml says [0-9a-f]{64}; delete the file/,
          ],
          [basename(file)],
        );
        // Left for a person to look at.
        expect(readFileSync(k3s, 'utf8')).toBe('altered');
      } finally {
        writeFileSync(file, sound);
        renameSync(kept, staged(basename(file)));
        writeFileSync(k3s, soundK3s);
      }
    },
  );
}
