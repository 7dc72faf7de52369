import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { eventually, must, run } from './command';
import { registryBinary, type Rack } from './rack';

/** A registry on the stand-in internet, on every address of it. */
export class UpstreamRegistry {
  private process: number | undefined;

  constructor(private readonly rack: Rack) {}

  /** Starts it, if it does not run; what was pushed before is still there. */
  async start(): Promise<void> {
    if (this.process !== undefined) return;
    const folder = join(this.rack.folder, 'upstream');
    mkdirSync(folder, { recursive: true });
    const settings = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: ':5000' },
    };
    writeFileSync(join(this.rack.folder, 'upstream.yml'), stringify(settings));
    this.process = this.rack.startInInternet(await registryBinary(), ['serve', join(this.rack.folder, 'upstream.yml')]);
    await eventually('the upstream registry answers', 20, async () =>
      (await this.inInternet('python3', '-c', `import urllib.request; print(urllib.request.urlopen("http://10.66.0.10:5000/v2/").read())`)).includes('{}')); // prettier-ignore
  }

  stop(): void {
    process.kill(-this.process!, 'SIGKILL');
    this.process = undefined;
  }

  /** Pushes an image; answers the digest of its layer, nothing for one of two platforms. */
  async push(repository: string, tag: string, ...path: string[]): Promise<string> {
    const script = join(__dirname, 'seed-registry.py');
    const command = ['python3', script, 'http://10.66.0.10:5000', repository, tag, ...path];
    return (await must('ip', ['netns', 'exec', this.rack.internetNamespace, ...command])).trim();
  }

  private async inInternet(...command: string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', this.rack.internetNamespace, ...command], { seconds: 20 })).output;
  }
}
