import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { freePorts } from '../../fixtures/free-ports';
import { StandInState } from './state';

/** A machine on which the stand-in is the `docker` command. */
export interface DockerStandIn {
  readonly state: StandInState;
  /** Where its API answers once a stack is up. */
  readonly url: string;
  /** Environment of a runner that finds it, with the values that the Compose file wants. */
  readonly environment: Readonly<Record<string, string>>;
  calls(): string[];
  remove(): void;
}

/** Puts the stand-in into a folder of its own as an executable named `docker`. */
export async function installDockerStandIn(): Promise<DockerStandIn> {
  const folder = mkdtempSync(join(tmpdir(), 'docker-stand-in-'));
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  // One file, so that a call costs no more than Docker's own would: the runner calls it every second.
  const command = join(programs, 'docker');
  const entryPoints = [join(__dirname, 'docker.ts')];
  buildSync({ entryPoints, outfile: command, bundle: true, platform: 'node', banner: { js: `#!${process.execPath}` } });
  chmodSync(command, 0o755);
  const state = new StandInState(join(folder, 'state'));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const values = {
    DATABASE_USERNAME: 'ahuora',
    DATABASE_PASSWORD: 'x',
    DATABASE_OWNER_USERNAME: 'ahuora_owner',
    DATABASE_OWNER_PASSWORD: 'x',
    DATABASE_BACKUP_USERNAME: 'ahuora_backup',
    DATABASE_BACKUP_PASSWORD: 'x',
    DATABASE_AUTHORITY_CA_CRT: 'x',
    POSTGRES_CERTIFICATE_TLS_PEM: 'x',
    PGBOUNCER_CERTIFICATE_TLS_PEM: 'x',
    DJANGO_API_SECRET_KEY: 'x',
    POSTGRES_PASSWORD: 'x',
  };
  return {
    state,
    url,
    environment: {
      ...values,
      PATH: `${programs}:${process.env['PATH']}`,
      DOCKER_HOST: '',
      DOCKER_STAND_IN: state.folder,
      DOCKER_STAND_IN_SOURCE: __dirname,
      DOCKER_STAND_IN_PORT: String(port),
      AHUORA_COMPOSE_URL: url,
    },
    calls: () => {
      const log = join(state.folder, 'calls.log');
      return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
