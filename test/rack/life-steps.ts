import { eventually, must } from './command';
import type { Walk } from './documented';
import { difference } from './file-system';
import { k3sVersions } from './published-artefacts';
import { changed, nodes, summary, type Site } from './site';
import { step } from './step';

/** Files that are made anew by every installation, so that two of them may differ. */
const madeAnew =
  /^\/(var\/lib\/(rancher|ahuora|misc|ntpsec|registry-mirror)|etc\/rancher\/k3s\/k3s\.yaml|home\/ahuora\/\.ansible|etc\/(passwd|shadow|group|gshadow)$|var\/spool|var\/lib\/platform-certificates\/\S+: file 600 0:0 \w+ -> file 600 0:0 )/;

/** What a finished site goes through, in the order it lives it: looked at, broken, upgraded, rebooted, taken away, made again. */
export function lifeSteps(site: Site, page: Walk): void {
  step('verify prints a table of a sound installation, and names what is wrong in an unsound one', async () => {
    // As the machine under the rack may not show it.
    const cpu = '/sys/devices/system/cpu';
    const sound = await site.engineer.playbook('verify', page.next('verify'));
    expect(page.rest).toEqual([]);
    expect(sound.output).toMatch(/worker-1 +ok +ok, stratum \d+ +ok, closed +ok +ok +ok +ok, v1/);
    expect(sound.output).toMatch(/applications +ok, \d+\W+names +ok\W+certificate +ok/);
    expect(sound.status).toBe(0);
    await site.rack
      .host('worker-1')
      .must(
        'nft delete table inet airgap && systemctl stop k3s-agent && mount --bind /usr/share/rack/swaps /proc/swaps && sleep 6 && ' +
          `mount -t tmpfs none ${cpu} && mkdir -p ${cpu}/cpufreq/policy0 && echo ondemand >${cpu}/cpufreq/policy0/scaling_governor`,
      );
    await site.rack
      .host('control')
      .must(
        "echo root >/etc/k3s-stand-in-degraded; echo 'nameserver 192.168.100.101' >/run/other; mount --bind /run/other /etc/resolv.conf",
      );
    const unsound = await site.engineer.playbook('verify');
    await site.rack.host('control').must('rm /etc/k3s-stand-in-degraded; umount /etc/resolv.conf');
    expect(unsound.status).not.toBe(0);
    expect(summary(unsound)).toContain(
      'worker-1: airgap: no firewall table; worker-1: swap: swaps to /var/swap; worker-1: cpu: governor ondemand; worker-1: node: not Ready',
    );
    expect(summary(unsound)).toContain(
      'applications: root is Synced and Degraded; names: a pod of Argo CD does not find github.com',
    );
    await site.rack
      .host('worker-1')
      .must(`umount /proc/swaps ${cpu}; systemctl reload airgap; systemctl start k3s-agent`);
  });

  step('reset --check shows what would go, without failing, and takes nothing away', async () => {
    const before = new Map(['ingress', ...nodes].map((name) => [name, site.snapshot(name).files]));
    const outcome = await site.engineer.playbook('reset', ['--check', '--extra-vars', 'reset_confirmed=yes']);
    expect(outcome.status).toBe(0);
    for (const name of ['ingress', ...nodes]) {
      expect(outcome.recap.get(name)!.changed).toBeGreaterThan(10);
      // What K3s itself writes by the second is no matter here.
      const gone = difference(before.get(name)!, site.snapshot(name).files).filter((line) => !/^\/var\/lib\/(rancher|ahuora)\//.test(line));
      expect({ [name]: gone }).toEqual({ [name]: [] });
    }
    expect(await site.everyNodeIsReady()).toBe(true);
  }); // prettier-ignore

  step('a host that dies in the middle: the others finish, the summary names it', async () => {
    let cut: Promise<void> | undefined;
    const outcome = await site.engineer.playbook('site', ['--tags', 'network,airgap,k3s'], {
      onLine: (line) => {
        if (line.startsWith('TASK [network : ') && line.includes('Verify') && !cut && sawNodes)
          cut = site.rack.host('worker-2').cutPower();
        if (line.startsWith('PLAY [Cluster nodes]')) sawNodes = true;
      },
    });
    await cut;
    // Before anything is judged: what follows needs it, whatever comes out here.
    site.rack.host('worker-2').powerOn();
    await site.rack.host('worker-2').booted();
    expect(outcome.status).not.toBe(0);
    expect(outcome.recap.get('worker-2')!.unreachable + outcome.recap.get('worker-2')!.failed).toBeGreaterThan(0);
    for (const name of ['ingress', 'control', 'worker-1'])
      expect(outcome.recap.get(name)).toMatchObject({ unreachable: 0, failed: 0 });
    expect(summary(outcome)).toContain(
      'Not finished: worker-2; fix it, then run the playbook again with --limit worker-2',
    );
    await eventually('worker-2 is Ready again', 90, async () => await site.everyNodeIsReady());
  });
  let sawNodes = false;

  step('upgrade refuses to pass over a minor version, and to go back', async () => {
    for (const [version, running] of [['v1.36.0+k3s1', 'v1.34.4+k3s1'], ['v1.33.9+k3s1', 'v1.34.4+k3s1']] as const) {
      site.engineer.stageAs(version);
      const outcome = await site.engineer.playbook('upgrade', site.engineer.forVersion(version));
      expect(outcome.status).not.toBe(0);
      expect(summary(outcome)).toContain(`control runs k3s version ${running} (stand-in), versions.yml says ${version}: Kubernetes is upgraded one minor`);
    }
    expect(new Set(Object.values(await site.versions()))).toEqual(new Set([k3sVersions.installed]));
  }); // prettier-ignore

  step('upgrade of an agent alone is refused while its server is older', async () => {
    const outcome = await site.engineer.playbook('upgrade', [...site.engineer.forVersion(k3sVersions.next), '--limit', 'worker-1']);
    expect(outcome.status).not.toBe(0);
    expect(summary(outcome)).toContain(`control runs ${k3sVersions.installed} and worker-1 would be newer`);
    expect(new Set(Object.values(await site.versions()))).toEqual(new Set([k3sVersions.installed]));
  }); // prettier-ignore

  step('upgrade stops at the first node that does not come back, leaving the rest as they were', async () => {
    const copies = '/var/lib/ahuora/k3s-copies';
    const copiesNow = async () => (await site.rack.host('control').must(`ls ${copies}`)).split('\n').filter(Boolean);
    const before = await copiesNow();
    await site.rack.host('worker-1').must(`echo '${k3sVersions.next}' >/etc/k3s-stand-in-sick`);
    const outcome = await site.engineer.playbook('upgrade', site.engineer.forVersion(k3sVersions.next));
    expect(outcome.status).not.toBe(0);
    expect(summary(outcome)).toContain(
      `worker-1 is not Ready with ${k3sVersions.next} after 15 s; the upgrade stops here`,
    );
    expect(await site.versions()).toEqual({
      control: k3sVersions.next,
      'worker-1': k3sVersions.next,
      'worker-2': k3sVersions.installed,
    });
    // Before it began, the datastore was copied while K3s wrote to it.
    const [copy, ...others] = (await copiesNow()).filter((name) => !before.includes(name));
    expect([copy, others]).toEqual([expect.any(String), []]);
    expect(await site.rack.host('control').must(`cat ${copies}/${copy}/token`)).toBe(
      (site.engineer.vault as Record<string, string>)['k3s_token'],
    );
    const check = `import sqlite3; d = sqlite3.connect("file:'${copies}/${copy}/db/state.db'?mode=ro", uri=True); print(d.execute("PRAGMA integrity_check").fetchone()[0], d.execute("SELECT value FROM kine WHERE name = '"'started'"' ORDER BY id DESC").fetchone()[0])`;
    expect(await site.rack.host('control').must(`python3 -c '${check}'`)).toBe(`ok ${k3sVersions.installed}`);
    const again = await site.engineer.playbook('upgrade', site.engineer.forVersion(k3sVersions.next));
    expect(summary(again)).toContain('worker-1 is not Ready; the upgrade stops here (before worker-2)');
    expect((await site.versions())['worker-2']).toBe(k3sVersions.installed);
  });

  step('once that node is fixed, upgrade goes on where it stopped, one node at a time', async () => {
    await site.rack.host('worker-1').must('rm /etc/k3s-stand-in-sick; sleep 3; k3s --version');
    await site.rack.host('control').must('k3s kubectl uncordon worker-1');
    const outcome = await site.engineer.playbook('upgrade', site.engineer.forVersion(k3sVersions.next));
    expect(outcome.status).toBe(0);
    expect(changed(outcome)).toMatchObject({ control: 0, 'worker-1': 0 });
    expect(new Set(Object.values(await site.versions()))).toEqual(new Set([k3sVersions.next]));
    expect(new Set(await site.imageArchives())).toEqual(new Set([`images of ${k3sVersions.next}`]));
    // Drained and let back in strictly one after another.
    const calls = (await site.rack.host('control').must('cat /var/lib/rancher/k3s/calls.log'))
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
      Promise.all(['ingress', ...nodes].map((name) => site.rack.host(name).must('cat /proc/1/stat | cut -d" " -f22')));
    const before = await boots();
    const outcome = await site.engineer.playbook('reboot');
    expect(outcome.status).toBe(0);
    const after = await boots();
    before.forEach((boot, index) => expect(after[index]).not.toBe(boot));
    for (const node of (await site.nodeList()).items)
      expect(`${node.metadata.name} ${node.status.conditions[0]!.status} ${node.spec.unschedulable}`).toBe(
        `${node.metadata.name} True false`,
      );
    for (const name of ['ingress', 'worker-1'])
      expect(await site.rack.host(name).must('nft list tables')).toContain('inet airgap');
    // What ingress serves came back too: names and packages.
    await site.rack
      .host('worker-1')
      .must(
        `python3 -c 'import socket; socket.gethostbyname("control"); socket.create_connection(("192.168.100.101", 3142), 5)'`,
      );
  });

  step('reset asks first', async () => {
    const outcome = await site.engineer.playbook('reset');
    expect(outcome.status).not.toBe(0);
    expect(summary(outcome)).toContain('Run it again with -e reset_confirmed=yes');
  });

  step('reset leaves every host as it was, apart from the documented list', async () => {
    // Once the packages are back the nodes need no names: whoever serves them may be gone or reset already.
    let deaf = false;
    const names = (rule: string) => must('ip', ['netns', 'exec', site.rack.internetNamespace, 'nft', rule]);
    const outcome = await site.engineer.playbook('reset', ['--extra-vars', 'reset_confirmed=yes'], {
      onLine: (line) => {
        if (line.startsWith('TASK [airgap : Look whether') && !deaf) {
          deaf = true;
          void names('add table inet deaf { chain input { type filter hook input priority 0; udp dport 53 drop; }; }');
        }
        if (line.startsWith('PLAY [Ingress]')) void names('delete table inet deaf');
      },
    });
    expect(deaf).toBe(true);
    expect(outcome.status).toBe(0);
    for (const name of ['ingress', ...nodes]) {
      const after = site.snapshot(name);
      expect({ [name]: difference(site.bare.get(name)!.files, after.files) }).toEqual({ [name]: [] });
      expect(after.packages).toEqual(site.bare.get(name)!.packages);
      expect(await site.rack.host(name).must('nft list ruleset; iptables-save | grep -c KUBE- || true')).toBe('0');
      expect((await site.rack.host(name).run('pgrep -f "[c]ontainerd-shim"; ip link show cni0')).output).not.toMatch(
        /^\d+$/m,
      );
    }
  });

  step('site on all hosts at once, killed in the middle and run again, comes to the same end state', async () => {
    // As it was when the first end state was looked at: copies off the rack were configured since.
    const vault = { ...site.engineer.vault };
    delete vault['offsite_copy'];
    site.engineer.writeVaultWith(vault);
    let killed = false;
    const broken = await site.engineer.playbook('site', [], {
      onLine: (line, kill) => {
        if (line.startsWith('TASK [airgap : Write the firewall')) killed ||= (setTimeout(kill, 500), true);
      },
    });
    expect(killed && broken.recap.size === 0).toBe(true);
    const outcome = await site.engineer.playbook('site');
    expect(outcome.status).toBe(0);
    for (const name of ['ingress', ...nodes]) {
      const differing = difference(site.finished.get(name)!.files, site.snapshot(name).files).filter(
        (line) => !madeAnew.test(line),
      );
      expect({ [name]: differing }).toEqual({ [name]: [] });
      expect(site.snapshot(name).packages).toEqual(site.finished.get(name)!.packages);
    }
    expect(await site.everyNodeIsReady()).toBe(true);
  });
}
