import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One container, in the fields of Docker's documented answer to an inspection. */
export interface StandInContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };
}

export interface StandInProject {
  /** Process that keeps the containers. */
  readonly engine: number;
  readonly containers: readonly StandInContainer[];
}

/** What the stand-in's engine has: projects with containers, and volumes, each a file in a folder. */
export class StandInState {
  constructor(readonly folder: string) {
    for (const kind of ['projects', 'volumes', 'networks']) mkdirSync(join(folder, kind), { recursive: true });
  }

  names(kind: 'projects' | 'volumes' | 'networks'): string[] {
    return readdirSync(join(this.folder, kind)).filter((name) => !name.startsWith('.'));
  }

  project(name: string): StandInProject | undefined {
    const file = join(this.folder, 'projects', name);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StandInProject) : undefined;
  }

  keep(name: string, project: StandInProject): void {
    this.write('projects', name, JSON.stringify(project));
  }

  /** A volume holds whether the tables were made. */
  volume(name: string): string | undefined {
    const file = join(this.folder, 'volumes', name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  write(kind: 'projects' | 'volumes' | 'networks', name: string, text: string): void {
    const partial = join(this.folder, kind, `.${name}.${process.pid}`);
    writeFileSync(partial, text);
    renameSync(partial, join(this.folder, kind, name));
  }

  remove(kind: 'projects' | 'volumes' | 'networks', name: string): void {
    rmSync(join(this.folder, kind, name), { force: true });
  }
}
