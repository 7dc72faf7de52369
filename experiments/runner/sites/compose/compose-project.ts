import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ComposeFile } from './compose-file';
import type { Docker, DockerCall, DockerResult } from './docker';

/** Every project of this tool is named so; what a dead run left is found by it. */
const PREFIX = 'ahuora-experiment-';
const PROJECT_LABEL = 'com.docker.compose.project';
/** Postgres alone may take 120 s to stop. */
const DOWN_MS = 300_000;
const STRAY_COMMAND_MS = 60_000;

/** What `docker inspect` tells of a container. https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect */
const inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    RestartCount: z.number(),
    Image: z.string(),
    State: z.object({
      Status: z.string(),
      OOMKilled: z.boolean(),
      StartedAt: z.string(),
      Health: z.object({ Status: z.string() }).nullish(),
    }),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
  }),
);

/** One container of the project. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Image by name, as the Compose file has it, and by digest. */
  readonly image: string;
  readonly digest: string;
  /** Hash of the service's settings that Compose made it from. */
  readonly configHash: string;
  /** `running`, `exited`, `restarting`, … */
  readonly status: string;
  /** `healthy`, `unhealthy` or `starting`; absent where the service has no check. */
  readonly health?: string;
  readonly outOfMemory: boolean;
  readonly restarts: number;
  readonly startedAt: string;
}

/** The stack of one campaign: a Compose project of its own name, so that it meets no other of the machine. */
export class ComposeProject {
  readonly name: string;

  constructor(
    readonly docker: Docker,
    readonly file: ComposeFile,
    campaign: string,
  ) {
    this.name = PREFIX + campaign.toLowerCase().replace(/[^a-z0-9_-]/g, '-');
  }

  tryCompose(words: readonly string[], call?: DockerCall): Promise<DockerResult> {
    return this.docker.attempt(this.words(words), call);
  }

  /** Every container of the project, stopped ones included. */
  async containers(): Promise<Container[]> {
    const filter = ['--filter', `label=${PROJECT_LABEL}=${this.name}`];
    const ids = linesOf(await this.docker.run(['ps', '--all', '--quiet', '--no-trunc', ...filter]));
    if (ids.length === 0) return [];
    const found = inspected.safeParse(JSON.parse(await this.docker.run(['inspect', '--type', 'container', ...ids])));
    if (!found.success)
      throw new Error(`docker inspect answers in a form that is not known: ${found.error.issues[0]!.path.join('.')}.`);
    return found.data.map(containerOf);
  }

  /** Removes containers, networks and volumes of the project; does nothing where there are none. */
  down(): Promise<void> {
    return this.remove(this.name);
  }

  /** Removes every project of this tool, also of another campaign that died. Returns their names. */
  async removeLeftovers(): Promise<string[]> {
    const projects = ['--filter', `label=${PROJECT_LABEL}`, '--format', `{{.Label "${PROJECT_LABEL}"}}`];
    const listed = new Set<string>();
    for (const list of [
      ['ps', '--all'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ])
      for (const name of linesOf(await this.docker.run([...list, ...projects]))) listed.add(name);
    const found = [...listed].filter((name) => name.startsWith(PREFIX)).sort();
    // A command of a dead run may still be at work on a project of which nothing exists yet.
    await endStrayCommands();
    for (const name of found) await this.remove(name);
    return found;
  }

  private async remove(name: string): Promise<void> {
    await this.docker.run(this.words(['down', '--volumes', '--remove-orphans'], name), { timeoutMs: DOWN_MS });
  }

  private words(words: readonly string[], name = this.name): string[] {
    return ['compose', '--project-name', name, '--file', this.file.path, ...words];
  }
}

function containerOf({ Id, Name, RestartCount, Image, State, Config }: z.infer<typeof inspected>[number]): Container {
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    service: Config.Labels['com.docker.compose.service'] ?? '',
    image: Config.Image,
    digest: Image,
    configHash: Config.Labels['com.docker.compose.config-hash'] ?? '',
    status: State.Status,
    ...(State.Health ? { health: State.Health.Status } : {}),
    outOfMemory: State.OOMKilled,
    restarts: RestartCount,
    startedAt: State.StartedAt,
  };
}

/** Ends Compose commands on this tool's projects that outlived their runner: one that still starts a stack would undo its removal. */
async function endStrayCommands(): Promise<void> {
  const deadline = Date.now() + STRAY_COMMAND_MS;
  for (;;) {
    const strays = composeCommands();
    if (strays.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`Process ${strays[0]} of an earlier run still works on its Compose project: end it.`);
    for (const pid of strays) process.kill(pid, 'SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function composeCommands(): number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandLine(pid);
      const project = words[words.indexOf('--project-name') + 1] ?? '';
      return words.includes('compose') && words.includes('--project-name') && project.startsWith(PREFIX);
    });
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // It has ended.
  }
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
