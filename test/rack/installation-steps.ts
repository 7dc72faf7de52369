import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PlaybookOutcome } from './ansible';
import { changesOf } from './changes';
import { eventually } from './command';
import type { Walk } from './documented';
import { difference } from './file-system';
import { k3sVersions } from './published-artefacts';
import { changed, nodes, nothingChanged, summary, type Site } from './site';
import { step } from './step';

/** Edits of files that a package brings, so that a dry run can't know what stands in them. */
const filesOfPackages = /: ntp_time_server : (Write whom to follow|Keep DHCP from replacing)/;

/** From imaged boards to a finished site, by the page's commands. */
export function installationSteps(site: Site, page: Walk): void {
  const predicted: PlaybookOutcome[] = [];
  const made: PlaybookOutcome[] = [];

  step('--check on a bare ingress predicts without failing and changes nothing', async () => {
    site.rack.host('ingress').powerOn();
    await site.rack.host('ingress').booted();
    for (let number = 0; number < 2; number++) await site.rack.host('ingress').must(page.take('sudo nmcli '));
    expect(await site.swaps('ingress')).toContain('/var/swap');
    site.bare.set('ingress', site.snapshot('ingress'));
    // As the board comes apt refuses every archive, by its clock.
    await eventually('the archive is refused', 30, async () =>
      (
        await site.rack.host('ingress').run(`python3 -c 'import subprocess; subprocess.run(["apt-get", "update"])'`)
      ).output.includes('is not valid yet'),
    );
    const unknown = await site.engineer.playbook('site', ['--limit', 'ingress']);
    expect(summary(unknown)).toContain('Host key verification failed');
    const shown = await site.engineer.playbook('host-keys', page.next('host-keys'));
    const print = (await site.rack.host('ingress').must('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).split(
      ' ',
    )[1]!;
    expect(summary(shown)).toContain(print);
    expect(shown.recap.get('ingress')).toMatchObject({ changed: 0, failed: 0 });
    expect((await site.engineer.playbook('host-keys', page.next('host-keys'))).status).toBe(0);
    const outcome = await site.engineer.playbook('site', ['--check', '--diff', '--limit', 'ingress']);
    expect(outcome.status).toBe(0);
    predicted.push(outcome);
    expect(outcome.recap.get('ingress')!.changed).toBeGreaterThan(20);
    expect(difference(site.bare.get('ingress')!.files, site.snapshot('ingress').files)).toEqual([]);
  });

  step('site on ingress alone readies it for the others, which then get their addresses', async () => {
    made.push(await site.engineer.playbook('site', ['--diff', ...page.next('site')]));
    expect(made[0]!.status).toBe(0);
    expect(summary(made[0]!)).toContain('Every host is finished.');
    nodes.forEach((name) => site.rack.host(name).powerOn());
    for (const name of nodes) {
      await site.rack.host(name).booted();
      await eventually(`${name} has its address`, 90, async () =>
        (await site.rack.host(name).run('ip -4 address show dev eth0')).output.includes(site.rack.host(name).plan.address));
      expect(await site.swaps(name)).toContain('/var/swap');
      site.bare.set(name, site.snapshot(name));
    }
    expect((await site.engineer.playbook('host-keys', page.next('host-keys'))).status).toBe(0);
    expect((await site.engineer.playbook('host-keys', page.next('host-keys'))).status).toBe(0);
  }, 'all that follows'); // prettier-ignore

  step('--check on a bare server and bare workers predicts without failing, changes nothing and shows no secret', async () => {
    const outcome = await site.engineer.playbook('site', ['--check', '--diff']);
    expect(outcome.status).toBe(0);
    predicted.push(outcome);
    for (const name of nodes) {
      expect(outcome.recap.get(name)!.changed).toBeGreaterThan(20);
      expect(difference(site.bare.get(name)!.files, site.snapshot(name).files)).toEqual([]);
    }
    for (const value of site.secretValues()) expect(outcome.output).not.toContain(value);
  }); // prettier-ignore

  step('site on the bare server and workers succeeds', async () => {
    made.push(await site.engineer.playbook('site', ['--diff', ...page.next('site')]));
    const outcome = made.at(-1)!;
    expect(outcome.status).toBe(0);
    expect(summary(outcome)).toContain('Every host is finished.');
    expect((await site.nodeList()).items.map((node) => `${node.metadata.name} ${node.status.conditions[0]!.status}`)).toEqual(nodes.map((name) => `${name} True`));
    expect(new Set(await site.imageArchives())).toEqual(new Set([`images of ${k3sVersions.installed}`]));
  }, 'all that follows'); // prettier-ignore

  step('what site changed on bare hosts is what --check --diff had shown, task by task and line by line', async () => {
    const changes = (outcomes: readonly PlaybookOutcome[]) => changesOf(outcomes.map((outcome) => outcome.output));
    const [shown, real] = [changes(predicted), changes(made)];
    expect([...real.keys()].sort()).toEqual([...shown.keys()].sort());
    for (const [task, lines] of [...real].filter(([each]) => !filesOfPackages.test(each)))
      expect({ [task]: lines }).toEqual({ [task]: shown.get(task) });
  });

  step('a second run changes nothing on any host, after two reboots with what writes names at boot in effect', async () => {
    for (let reboot = 0; reboot < 2; reboot++) {
      await Promise.all(['ingress', ...nodes].map(async (name) => {
        await site.rack.host(name).cutPower();
        site.rack.host(name).powerOn();
        await site.rack.host(name).booted();
      }));
    }
    for (const name of ['ingress', ...nodes]) expect(await site.rack.host(name).must('hostname; cat /etc/hostname')).toBe(`${name}\n${name}`);
    expect(await site.rack.host('control').must('getent hosts worker-2')).toContain('192.168.100.123');
    await eventually('every node is Ready again', 90, async () =>
      (await site.rack.host('control').run('k3s kubectl get nodes --output json')).status === 0 &&
      (await site.everyNodeIsReady()));
    const outcome = await site.engineer.playbook('site');
    expect(outcome.status).toBe(0);
    expect(changed(outcome)).toEqual(nothingChanged);
    for (const name of ['ingress', ...nodes]) site.finished.set(name, site.snapshot(name));
  }); // prettier-ignore

  step("no host swaps after those reboots, by the service of Debian 12 or the generator of Debian 13, as each did when bare", async () => {
    const left = await Promise.all(['ingress', ...nodes].map(async (name) => `${name} (Debian ${site.rack.host(name).plan.release}): ${(await site.swaps(name)) || 'no swap'}`));
    expect(left).toEqual(left.map((line) => line.replace(/: .*/, ': no swap')));
  }); // prettier-ignore

  step('--check on finished hosts predicts no change', async () => {
    const outcome = await site.engineer.playbook('site', ['--check', '--diff']);
    expect(outcome.status).toBe(0);
    expect(changed(outcome)).toEqual(nothingChanged);
  });

  step(
    'the server is given the Secrets the charts declare, the agents the token of agents only, each file private',
    async () => {
      const root = site.rack.host('control').root;
      for (const secret of site.engineer.contracts().secrets) {
        const seeded = await site.rack
          .host('control')
          .must(`k3s kubectl --namespace ${secret.namespace} get secret ${secret.name} --output json`);
        expect(Object.keys(JSON.parse(seeded).data).sort()).toEqual(secret.keys.map((key) => key.name).sort());
      }
      expect(readdirSync(join(root, 'var/lib/rancher/k3s/server/manifests'))).toEqual([]);
      const settings = (name: string) =>
        readFileSync(join(site.rack.host(name).root, 'etc/rancher/k3s/config.yaml'), 'utf8');
      const { k3s_token: token, k3s_agent_token: agentToken } = site.engineer.vault as Record<string, string>;
      expect(settings('control')).toContain(token);
      expect(settings('worker-1')).toContain(agentToken);
      expect(settings('worker-1')).not.toContain(token);
      for (const name of nodes)
        expect(await site.rack.host(name).must('stat -c %a /etc/rancher/k3s/config.yaml')).toBe('600');
    },
  );
}
