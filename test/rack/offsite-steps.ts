import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engineer } from './ansible';
import { eventually, must, run } from './command';
import { internet, type Rack } from './rack';
import { step } from './step';

/** The copy off the rack, to a real SFTP server on the stand-in internet, and back. */
export function offsiteSteps(rack: () => Rack, engineer: () => Engineer): void {
  const host = (name: string) => rack().host(name);
  const place = () => join(rack().folder, 'elsewhere');

  const startServer = async () => {
    const folder = place();
    mkdirSync(folder, { mode: 0o700 });
    mkdirSync('/run/sshd', { recursive: true });
    for (const key of ['host', 'client']) await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(folder, key)]);
    const settings = [
      `ListenAddress ${internet.address}:2222`, `HostKey ${folder}/host`, `AuthorizedKeysFile ${folder}/client.pub`, 'PermitRootLogin prohibit-password',
      'UsePAM no', 'StrictModes no', 'PidFile none', 'Subsystem sftp internal-sftp', 'ForceCommand internal-sftp',
    ]; // prettier-ignore
    writeFileSync(join(folder, 'sshd.conf'), settings.join('\n') + '\n');
    rack().startInInternet('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd.conf')]);
    const scan = ['netns', 'exec', rack().internetNamespace, 'ssh-keyscan', '-p', '2222', '-t', 'ed25519', internet.address];
    return eventually('the SFTP server answers', 20, async () => /^\[203.*$/m.exec((await run('ip', scan)).output)?.[0]);
  }; // prettier-ignore

  step('nothing is copied off the rack until a place for it is in the vault', async () => {
    expect((await host('ingress').run('systemctl cat offsite-copy.timer; command -v restic')).output).toContain('No files found');
  }); // prettier-ignore

  step('datastore, token and dumps are copied off the rack, encrypted, and come back as they were', async () => {
    const line = await startServer();
    engineer().changeVault({
      offsite_copy: {
        repository: `sftp://root@${internet.address}:2222/${place()}/copies`,
        // What a shell and systemd would each read in a way of its own.
        password: `a 'password' of "the $HOME" \\ #copies`,
        ssh_key: readFileSync(join(place(), 'client'), 'utf8'),
        known_host: line,
      },
    });
    const dump = '/var/lib/ahuora/postgres-backup/ahuora-20261127.dump';
    await host('worker-2').must(`head -c 300000 /dev/urandom >${dump}`);
    const args = ['--tags', 'offsite'];
    expect((await engineer().playbook('site', args)).status).toBe(0);
    const again = await engineer().playbook('site', args);
    expect([...again.recap.values()].map(({ changed, failed }) => changed + failed)).toEqual([0, 0, 0, 0]);
    await host('ingress').must('systemctl start offsite-copy || { journalctl -u offsite-copy -o cat; exit 1; }', { seconds: 120 });
    // As the page says: with the environment, and the sftp command of the script.
    const typed = (words: string) =>
      `set -a; . /etc/offsite-copy/environment; set +a; sh -c "$(sed -n 's/^place() { \\(.*\\) "\\$@"; }$/\\1/p' /usr/local/sbin/offsite-copy) ${words}"`;
    const restic = (words: string) => host('ingress').must(typed(words), { seconds: 120 });
    // And a second time, onto what is there already, the lock of a run that lost its power included.
    const locks = () => readdirSync(join(place(), 'copies', 'locks'));
    const cut = host('ingress').run(`${typed('backup --stdin')} </dev/zero`, { seconds: 60 });
    await eventually('a copy that never ends has its lock', 40, async () => locks().length > 0);
    await host('ingress').must('pkill -9 -x restic');
    await cut;
    expect(locks()).toHaveLength(1);
    await host('ingress').must('systemctl start offsite-copy', { seconds: 120 });

    // What lies there tells nobody anything.
    const token = (engineer().vault as Record<string, string>)['k3s_token']!;
    expect((await run('grep', ['-r', '--count', token, join(place(), 'copies')])).output).not.toMatch(/:[1-9]/);
    const restored = '/var/lib/offsite-copy/restored';
    // Of two on one day the newer one is kept.
    expect(await restic('snapshots --compact')).toMatch(/1 snapshots/);
    await restic(`restore latest --target ${restored}`);
    const fetched = `${restored}/var/lib/offsite-copy/fetched`;
    const sum = (name: string, file: string) => host(name).must(`sha256sum <${file}`);
    expect(await sum('ingress', `${fetched}/worker-2${dump}`)).toBe(await sum('worker-2', dump));
    expect(await host('ingress').must(`cat ${fetched}/control/var/lib/ahuora/k3s-copies/*/token`)).toBe(token);
    const check = `import sqlite3; print(sqlite3.connect("file:'$(echo ${fetched}/control/var/lib/ahuora/k3s-copies/*/db/state.db)'?mode=ro", uri=True).execute("PRAGMA integrity_check").fetchone()[0])`;
    expect(await host('ingress').must(`python3 -c '${check}'`)).toBe('ok');
    await host('ingress').must(`rm -r ${restored}`);
  }); // prettier-ignore

  step("the key that fetches opens no shell, and a place that shows another key gets nothing", async () => {
    const ssh = 'ssh -F none -o UserKnownHostsFile=/etc/offsite-copy/known_hosts -o BatchMode=yes -i /etc/offsite-copy/key offsite-copy@control_address';
    const asked = await host('ingress').run(`${ssh.replace('control_address', '192.168.100.121')} id | tar --list`);
    expect(asked.output).not.toContain('uid=');
    expect(asked.output).toContain('k3s-copies');
    await host('ingress').must(`sed -i '/^\\[203/s/AAAA[^ ]*/AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/' /etc/offsite-copy/known_hosts`);
    expect((await host('ingress').run('systemctl start offsite-copy', { seconds: 120 })).status).not.toBe(0);
    expect((await engineer().playbook('site', ['--tags', 'offsite'])).status).toBe(0);
  }); // prettier-ignore
}
