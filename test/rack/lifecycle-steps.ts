import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engineer, PlaybookOutcome } from './ansible';
import { changesOf } from './changes';
import { eventually, must } from './command';
import { difference, listing, packages } from './file-system';
import { k3sVersions } from './published-artefacts';
import { commandsOf, type Walk } from './documented';
import type { Rack } from './rack';
import { step } from './step';

const nodes = ['control', 'worker-1', 'worker-2'];

/** What a host's disk holds. */
interface Snapshot {
  readonly files: Map<string, string>;
  readonly packages: string[];
}

/** Files that are made anew by every installation, so that two of them may differ. */
const madeAnew =
  /^\/(var\/lib\/(rancher|ahuora|misc|ntpsec|registry-mirror)|etc\/rancher\/k3s\/k3s\.yaml|home\/ahuora\/\.ansible|etc\/(passwd|shadow|group|gshadow)$|var\/spool)/;

/** Edits of files that a package brings, so that a dry run can't know what stands in them. */
const filesOfPackages = /: ntp_time_server : (Write whom to follow|Keep DHCP from replacing)/;

/** The life of an installation, in the order a site lives it. */
export function lifecycleSteps(
  rack: () => Rack,
  engineer: () => Engineer,
  page: Walk,
): { first: () => void; rest: () => void } {
  const bare = new Map<string, Snapshot>();
  const finished = new Map<string, Snapshot>();
  const predicted: PlaybookOutcome[] = [];
  const made: PlaybookOutcome[] = [];
  const secretValues = (value: unknown = engineer().vault): string[] =>
    typeof value === 'object' ? Object.values(value as object).flatMap((each) => secretValues(each)) : [String(value)];
  const snapshot = (name: string): Snapshot => ({
    files: listing(rack().host(name).root),
    packages: packages(rack().host(name).root),
  });
  const powerOnNodes = () => nodes.forEach((name) => rack().host(name).powerOn());
  const summary = (outcome: PlaybookOutcome) => outcome.output.replace(/\s+/g, ' ');
  const changed = (outcome: PlaybookOutcome) =>
    Object.fromEntries([...outcome.recap].map(([name, recap]) => [name, recap.changed]));
  const none = Object.fromEntries(['ingress', ...nodes].map((name) => [name, 0]));
  const ready = async () => JSON.parse(await rack().host('control').must('k3s kubectl get nodes --output json')) as {
    items: { metadata: { name: string }; spec: { unschedulable: boolean }; status: { nodeInfo: { kubeletVersion: string }; conditions: { status: string }[] } }[];
  }; // prettier-ignore
  const versions = async () =>
    Object.fromEntries((await ready()).items.map((node) => [node.metadata.name, node.status.nodeInfo.kubeletVersion]));

  const first = () => {
    step('--check on a bare ingress predicts without failing and changes nothing', async () => {
      rack().host('ingress').powerOn();
      await rack().host('ingress').booted();
      const lan = commandsOf('cluster-from-eight-boxes.md').filter((line) => line.startsWith('sudo nmcli '));
      expect(lan).toHaveLength(2);
      for (const command of lan) await rack().host('ingress').must(command);
      bare.set('ingress', snapshot('ingress'));
      // As the board comes apt refuses every archive, by its clock.
      await eventually('the archive is refused', 30, async () =>
        (
          await rack().host('ingress').run(`python3 -c 'import subprocess; subprocess.run(["apt-get", "update"])'`)
        ).output.includes('is not valid yet'),
      );
      const unknown = await engineer().playbook('site', ['--limit', 'ingress']);
      expect(summary(unknown)).toContain('Host key verification failed');
      const shown = await engineer().playbook('host-keys', page.next('host-keys'));
      const print = (await rack().host('ingress').must('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).split(
        ' ',
      )[1]!;
      expect(summary(shown)).toContain(print);
      expect(shown.recap.get('ingress')).toMatchObject({ changed: 0, failed: 0 });
      expect((await engineer().playbook('host-keys', page.next('host-keys'))).status).toBe(0);
      const outcome = await engineer().playbook('site', ['--check', '--diff', '--limit', 'ingress']);
      expect(outcome.status).toBe(0);
      predicted.push(outcome);
      expect(outcome.recap.get('ingress')!.changed).toBeGreaterThan(20);
      expect(difference(bare.get('ingress')!.files, snapshot('ingress').files)).toEqual([]);
    });

    step('site on ingress alone readies it for the others, which then get their addresses', async () => {
      made.push(await engineer().playbook('site', ['--diff', ...page.next('site')]));
      expect(made[0]!.status).toBe(0);
      expect(summary(made[0]!)).toContain('Every host is finished.');
      powerOnNodes();
      for (const name of nodes) {
        await rack().host(name).booted();
        await eventually(`${name} has its address`, 90, async () =>
          (await rack().host(name).run('ip -4 address show dev eth0')).output.includes(rack().host(name).plan.address));
        bare.set(name, snapshot(name));
      }
      expect((await engineer().playbook('host-keys', page.next('host-keys'))).status).toBe(0);
      expect((await engineer().playbook('host-keys', page.next('host-keys'))).status).toBe(0);
    }, 'all that follows'); // prettier-ignore

    step('--check on a bare server and bare workers predicts without failing, changes nothing and shows no secret', async () => {
      const outcome = await engineer().playbook('site', ['--check', '--diff']);
      expect(outcome.status).toBe(0);
      predicted.push(outcome);
      for (const name of nodes) {
        expect(outcome.recap.get(name)!.changed).toBeGreaterThan(20);
        expect(difference(bare.get(name)!.files, snapshot(name).files)).toEqual([]);
      }
      for (const value of secretValues()) expect(outcome.output).not.toContain(value);
    }); // prettier-ignore

    step('site on the bare server and workers succeeds', async () => {
      made.push(await engineer().playbook('site', ['--diff', ...page.next('site')]));
      const outcome = made.at(-1)!;
      expect(outcome.status).toBe(0);
      expect(summary(outcome)).toContain('Every host is finished.');
      expect((await ready()).items.map((node) => `${node.metadata.name} ${node.status.conditions[0]!.status}`)).toEqual(nodes.map((name) => `${name} True`));
    }, 'all that follows'); // prettier-ignore

    step(
      'what site changed on bare hosts is what --check --diff had shown, task by task and line by line',
      async () => {
        const changes = (outcomes: readonly PlaybookOutcome[]) => changesOf(outcomes.map((outcome) => outcome.output));
        const [shown, real] = [changes(predicted), changes(made)];
        expect([...real.keys()].sort()).toEqual([...shown.keys()].sort());
        for (const [task, lines] of [...real].filter(([each]) => !filesOfPackages.test(each)))
          expect({ [task]: lines }).toEqual({ [task]: shown.get(task) });
      },
    );

    step('a second run changes nothing on any host, after two reboots with what writes names at boot in effect', async () => {
      for (let reboot = 0; reboot < 2; reboot++) {
        await Promise.all(['ingress', ...nodes].map(async (name) => {
          await rack().host(name).cutPower();
          rack().host(name).powerOn();
          await rack().host(name).booted();
        }));
      }
      for (const name of ['ingress', ...nodes]) expect(await rack().host(name).must('hostname; cat /etc/hostname')).toBe(`${name}\n${name}`);
      expect(await rack().host('control').must('getent hosts worker-2')).toContain('192.168.100.123');
      await eventually('every node is Ready again', 90, async () =>
        (await rack().host('control').run('k3s kubectl get nodes --output json')).status === 0 &&
        (await ready()).items.every((node) => node.status.conditions[0]!.status === 'True'));
      const outcome = await engineer().playbook('site');
      expect(outcome.status).toBe(0);
      expect(changed(outcome)).toEqual(none);
      for (const name of ['ingress', ...nodes]) finished.set(name, snapshot(name));
    }); // prettier-ignore

    step('--check on finished hosts predicts no change', async () => {
      const outcome = await engineer().playbook('site', ['--check', '--diff']);
      expect(outcome.status).toBe(0);
      expect(changed(outcome)).toEqual(none);
    });

    step(
      'the server is given the Secrets the charts declare, the agents the token of agents only, each file private',
      async () => {
        const root = rack().host('control').root;
        for (const secret of engineer().contracts().secrets) {
          const seeded = await rack()
            .host('control')
            .must(`k3s kubectl --namespace ${secret.namespace} get secret ${secret.name} --output json`);
          expect(Object.keys(JSON.parse(seeded).data).sort()).toEqual(secret.keys.map((key) => key.name).sort());
        }
        expect(readdirSync(join(root, 'var/lib/rancher/k3s/server/manifests'))).toEqual([]);
        const settings = (name: string) =>
          readFileSync(join(rack().host(name).root, 'etc/rancher/k3s/config.yaml'), 'utf8');
        const { k3s_token: token, k3s_agent_token: agentToken } = engineer().vault as Record<string, string>;
        expect(settings('control')).toContain(token);
        expect(settings('worker-1')).toContain(agentToken);
        expect(settings('worker-1')).not.toContain(token);
        for (const name of nodes)
          expect(await rack().host(name).must('stat -c %a /etc/rancher/k3s/config.yaml')).toBe('600');
      },
    );
  };

  const rest = () => {
    step('verify prints a table of a sound installation, and names what is wrong in an unsound one', async () => {
      const sound = await engineer().playbook('verify', page.next('verify'));
      expect(page.rest).toEqual([]);
      expect(sound.output).toMatch(/worker-1 +ok +ok, stratum \d+ +ok, closed +ok +ok +ok +ok, v1/);
      expect(sound.output).toMatch(/applications +ok, \d+\W+names +ok\W+certificate +ok/);
      expect(sound.status).toBe(0);
      await rack()
        .host('worker-1')
        .must(
          'nft delete table inet airgap && systemctl stop k3s-agent && mount --bind /usr/share/rack/swaps /proc/swaps && sleep 6',
        );
      await rack()
        .host('control')
        .must(
          "echo root >/etc/k3s-stand-in-degraded; echo 'nameserver 192.168.100.101' >/run/other; mount --bind /run/other /etc/resolv.conf",
        );
      const unsound = await engineer().playbook('verify');
      await rack().host('control').must('rm /etc/k3s-stand-in-degraded; umount /etc/resolv.conf');
      expect(unsound.status).not.toBe(0);
      expect(summary(unsound)).toContain(
        'worker-1: airgap: no firewall table; worker-1: swap: swaps to /var/swap; worker-1: node: not Ready',
      );
      expect(summary(unsound)).toContain(
        'applications: root is Synced and Degraded; names: a pod of Argo CD does not find github.com',
      );
      await rack().host('worker-1').must('umount /proc/swaps; systemctl reload airgap; systemctl start k3s-agent');
    });

    step('a host that dies in the middle: the others finish, the summary names it', async () => {
      let cut: Promise<void> | undefined;
      const outcome = await engineer().playbook('site', ['--tags', 'network,airgap,k3s'], {
        onLine: (line) => {
          if (line.startsWith('TASK [network : ') && line.includes('Verify') && !cut && sawNodes)
            cut = rack().host('worker-2').cutPower();
          if (line.startsWith('PLAY [Cluster nodes]')) sawNodes = true;
        },
      });
      await cut;
      expect(outcome.status).not.toBe(0);
      expect(outcome.recap.get('worker-2')!.unreachable + outcome.recap.get('worker-2')!.failed).toBeGreaterThan(0);
      for (const name of ['ingress', 'control', 'worker-1'])
        expect(outcome.recap.get(name)).toMatchObject({ unreachable: 0, failed: 0 });
      expect(summary(outcome)).toContain(
        'Not finished: worker-2; mend, then run the playbook again with --limit worker-2',
      );
      rack().host('worker-2').powerOn();
      await rack().host('worker-2').booted();
      await eventually('worker-2 is Ready again', 90, async () =>
        (await ready()).items.every((node) => node.status.conditions[0]!.status === 'True'),
      );
    });
    let sawNodes = false;

    step('upgrade refuses to pass over a minor version, and to go back', async () => {
      for (const [version, running] of [['v1.36.0+k3s1', 'v1.34.4+k3s1'], ['v1.33.9+k3s1', 'v1.34.4+k3s1']] as const) {
        engineer().stageAs(version);
        const outcome = await engineer().playbook('upgrade', engineer().forVersion(version));
        expect(outcome.status).not.toBe(0);
        expect(summary(outcome)).toContain(`control runs k3s version ${running} (stand-in), versions.yml says ${version}: Kubernetes is upgraded one minor`);
      }
      expect(new Set(Object.values(await versions()))).toEqual(new Set([k3sVersions.installed]));
    }); // prettier-ignore

    step('upgrade stops at the first node that does not come back, leaving the rest as they were', async () => {
      const copies = '/var/lib/ahuora/k3s-copies';
      const copiesNow = async () => (await rack().host('control').must(`ls ${copies}`)).split('\n').filter(Boolean);
      const before = await copiesNow();
      await rack().host('worker-1').must(`echo '${k3sVersions.next}' >/etc/k3s-stand-in-sick`);
      const outcome = await engineer().playbook('upgrade', engineer().forVersion(k3sVersions.next));
      expect(outcome.status).not.toBe(0);
      expect(summary(outcome)).toContain(
        `worker-1 is not Ready with ${k3sVersions.next} after 15 s; the upgrade stops here`,
      );
      expect(await versions()).toEqual({
        control: k3sVersions.next,
        'worker-1': k3sVersions.next,
        'worker-2': k3sVersions.installed,
      });
      // Before it began, the datastore was copied while K3s wrote to it.
      const [copy, ...others] = (await copiesNow()).filter((name) => !before.includes(name));
      expect([copy, others]).toEqual([expect.any(String), []]);
      expect(await rack().host('control').must(`cat ${copies}/${copy}/token`)).toBe(
        (engineer().vault as Record<string, string>)['k3s_token'],
      );
      const check = `import sqlite3; d = sqlite3.connect("file:'${copies}/${copy}/db/state.db'?mode=ro", uri=True); print(d.execute("PRAGMA integrity_check").fetchone()[0], d.execute("SELECT value FROM kine WHERE name = '"'started'"' ORDER BY id DESC").fetchone()[0])`;
      expect(await rack().host('control').must(`python3 -c '${check}'`)).toBe(`ok ${k3sVersions.installed}`);
      const again = await engineer().playbook('upgrade', engineer().forVersion(k3sVersions.next));
      expect(summary(again)).toContain('worker-1 is not Ready; the upgrade stops here (before worker-2)');
      expect((await versions())['worker-2']).toBe(k3sVersions.installed);
    });

    step('once that node is mended, upgrade goes on where it stopped, one node at a time', async () => {
      await rack().host('worker-1').must('rm /etc/k3s-stand-in-sick; sleep 3; k3s --version');
      await rack().host('control').must('k3s kubectl uncordon worker-1');
      const outcome = await engineer().playbook('upgrade', engineer().forVersion(k3sVersions.next));
      expect(outcome.status).toBe(0);
      expect(changed(outcome)).toMatchObject({ control: 0, 'worker-1': 0 });
      expect(new Set(Object.values(await versions()))).toEqual(new Set([k3sVersions.next]));
      // Drained and let back in strictly one after another.
      const calls = (await rack().host('control').must('cat /var/lib/rancher/k3s/calls.log'))
        .split('\n')
        .map((line) => JSON.parse(line) as string[]);
      const moves = calls
        .filter((call) => ['drain', 'uncordon'].includes(call[1]!))
        .map((call) => `${call[1]} ${call[2]}`);
      expect(moves).toEqual([
        'drain control',
        'uncordon control',
        'drain worker-1',
        'uncordon worker-1',
        'drain worker-2',
        'uncordon worker-2',
      ]);
    });

    step('reboot returns every host, with every node Ready and schedulable', async () => {
      const boots = async () =>
        Promise.all(['ingress', ...nodes].map((name) => rack().host(name).must('cat /proc/1/stat | cut -d" " -f22')));
      const before = await boots();
      const outcome = await engineer().playbook('reboot');
      expect(outcome.status).toBe(0);
      const after = await boots();
      before.forEach((boot, index) => expect(after[index]).not.toBe(boot));
      for (const node of (await ready()).items)
        expect(`${node.metadata.name} ${node.status.conditions[0]!.status} ${node.spec.unschedulable}`).toBe(
          `${node.metadata.name} True false`,
        );
      for (const name of ['ingress', 'worker-1'])
        expect(await rack().host(name).must('nft list tables')).toContain('inet airgap');
      // What ingress serves came back too: names and packages.
      await rack()
        .host('worker-1')
        .must(
          `python3 -c 'import socket; socket.gethostbyname("control"); socket.create_connection(("192.168.100.101", 3142), 5)'`,
        );
    });

    step('reset asks first', async () => {
      const outcome = await engineer().playbook('reset');
      expect(outcome.status).not.toBe(0);
      expect(summary(outcome)).toContain('Run it again with -e reset_confirmed=yes');
    });

    step('reset leaves every host as it was, apart from the documented list', async () => {
      // Once the packages are back the nodes need no names: whoever serves them may be gone or reset already.
      let deaf = false;
      const names = (rule: string) => must('ip', ['netns', 'exec', rack().internetNamespace, 'nft', rule]);
      const outcome = await engineer().playbook('reset', ['--extra-vars', 'reset_confirmed=yes'], {
        onLine: (line) => {
          if (line.startsWith('TASK [airgap : Look whether') && !deaf) {
            deaf = true;
            void names(
              'add table inet deaf { chain input { type filter hook input priority 0; udp dport 53 drop; }; }',
            );
          }
          if (line.startsWith('PLAY [Ingress]')) void names('delete table inet deaf');
        },
      });
      expect(deaf).toBe(true);
      expect(outcome.status).toBe(0);
      for (const name of ['ingress', ...nodes]) {
        const after = snapshot(name);
        expect({ [name]: difference(bare.get(name)!.files, after.files) }).toEqual({ [name]: [] });
        expect(after.packages).toEqual(bare.get(name)!.packages);
        expect(await rack().host(name).must('nft list ruleset; iptables-save | grep -c KUBE- || true')).toBe('0');
        expect((await rack().host(name).run('pgrep -f "[c]ontainerd-shim"; ip link show cni0')).output).not.toMatch(
          /^\d+$/m,
        );
      }
    });

    step('site on all hosts at once, killed in the middle and run again, comes to the same end state', async () => {
      // As it was when the first end state was looked at: copies off the rack were configured since.
      const vault = { ...engineer().vault };
      delete vault['offsite_copy'];
      engineer().writeVaultWith(vault);
      let killed = false;
      const broken = await engineer().playbook('site', [], {
        onLine: (line, kill) => {
          if (line.startsWith('TASK [airgap : Write the firewall')) killed ||= (setTimeout(kill, 500), true);
        },
      });
      expect(killed && broken.recap.size === 0).toBe(true);
      const outcome = await engineer().playbook('site');
      expect(outcome.status).toBe(0);
      for (const name of ['ingress', ...nodes]) {
        const differing = difference(finished.get(name)!.files, snapshot(name).files).filter(
          (line) => !madeAnew.test(line),
        );
        expect({ [name]: differing }).toEqual({ [name]: [] });
        expect(snapshot(name).packages).toEqual(finished.get(name)!.packages);
      }
      expect((await ready()).items.every((node) => node.status.conditions[0]!.status === 'True')).toBe(true);
    });
  };
  return { first, rest };
}
