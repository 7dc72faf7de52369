import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { GateResult } from '../../../campaign';
import type { SessionCheck, SessionPort } from '../../attempt/ports';
import { SESSION_STATUS, SessionRefused } from '../../attempt/session';

export interface GatewaySessionOptions {
  /** The session's cookies as a `Cookie` header; left out where a file holds them. */
  readonly cookie?: string;
  /** A file of this user alone that holds them; it is read again before every trial, and renewed cookies are written to it. */
  readonly file?: string;
  /** OAuth2 Proxy's address that answers whether a session is good. */
  readonly authUrl: string;
  /** Name that the gateway knows that address by, where the address is a number. */
  readonly authHost?: string;
  /** How long a session lives: `cookie_expire` of OAuth2 Proxy, seconds. */
  readonly lifetimeSeconds: number;
  /**
   * OAuth2 Proxy's `cookie_refresh`, seconds: with an older cookie every request of a load would make it ask the provider,
   * since the load never stores the new one (refreshSessionIfNeeded in pkg/middleware/stored_session.go).
   */
  readonly refreshSeconds: number;
}

/** What the waiting for a renewal needs; a test's clock does not sleep. */
interface Clock {
  now(): number;
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<unknown>;
}

const CLOCK: Clock = { now: Date.now, wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }) };

/** OAuth2 Proxy counts in whole seconds. */
const RENEWAL_MARGIN_SECONDS = 2;

/** The signed-in session that the gateway asks of every request. It is kept in memory and in its file, never in a campaign. */
export class GatewaySession implements SessionPort {
  /** Of every request to the API; renewed in place. */
  readonly headers: Record<string, string>;
  private readonly agent = new Agent({ connect: { rejectUnauthorized: false }, headersTimeout: 30_000 });

  /** @throws {Error} in one sentence, when the file is missing, empty or open to others. */
  constructor(
    private readonly options: GatewaySessionOptions,
    private readonly clock: Clock = CLOCK,
  ) {
    this.headers = { cookie: this.read() };
  }

  async check(neededSeconds: number, { signal, say }: SessionCheck = {}): Promise<GateResult> {
    this.headers['cookie'] = this.read();
    await this.ask();
    await this.freshFor(neededSeconds, signal, say);
    const left = this.secondsLeft();
    if (left !== undefined && left < neededSeconds)
      throw new SessionRefused(`it ends in ${Math.max(0, Math.round(left / 60))} min, before the trial would`);
    const detail =
      left === undefined
        ? 'The gateway accepts the session; how long it lasts cannot be told from its cookie.'
        : `The gateway accepts the session, which lasts ${(left / 3600).toFixed(1)} h more.`;
    return {
      gate: 'session',
      passed: true,
      ...(left === undefined ? {} : { value: left }),
      limit: neededSeconds,
      detail,
    };
  }

  /** Waits, where it must, until the session is renewed, so that no request of the trial makes OAuth2 Proxy ask the provider. */
  private async freshFor(neededSeconds: number, signal?: AbortSignal, say?: (text: string) => void): Promise<void> {
    const { refreshSeconds } = this.options;
    const age = this.age();
    if (age === undefined || age + neededSeconds <= refreshSeconds) return;
    if (neededSeconds >= refreshSeconds)
      throw new Error(
        `The trial takes ${minutes(neededSeconds)} min, and OAuth2 Proxy renews a session after ${minutes(refreshSeconds)}: from then on ` +
          'every request would ask the provider. Raise session.refreshMinutes in facts/settings.ts for the campaign.',
      );
    const left = refreshSeconds - age + RENEWAL_MARGIN_SECONDS;
    if (left > 0) {
      say?.(`The session would be renewed amid the trial: waiting ${Math.ceil(left)} s until it is renewed before it.`);
      await this.clock.wait(left * 1000, signal);
    }
    await this.ask();
    const renewed = this.age();
    if (renewed !== undefined && renewed + neededSeconds > refreshSeconds)
      throw new SessionRefused(
        `it is ${minutes(renewed)} min old and was not renewed, so that OAuth2 Proxy would ask the provider for every request of the load`,
      );
  }

  /** OAuth2 Proxy answers 202 for a good session, and renews one that is older than its `cookie_refresh`. */
  private async ask(): Promise<void> {
    const { authUrl, authHost } = this.options;
    const headers = { ...this.headers, ...(authHost === undefined ? {} : { host: authHost }) };
    const answer = await request(authUrl, { dispatcher: this.agent, headers }).catch((error: Error) => {
      throw new Error(
        `${authUrl} does not answer (${error.message}): AHUORA_AUTH_URL says where the session is checked.`,
      );
    });
    await answer.body.dump();
    if (SESSION_STATUS.includes(answer.statusCode))
      throw new SessionRefused(`${authUrl} answered ${answer.statusCode}`);
    if (answer.statusCode < 200 || answer.statusCode > 299)
      throw new Error(`${authUrl} answered ${answer.statusCode}: AHUORA_AUTH_URL says where the session is checked.`);
    const renewed = [answer.headers['set-cookie'] ?? []].flat();
    if (renewed.length > 0) this.renew(renewed);
  }

  private renew(setCookies: readonly string[]): void {
    const cookies = cookiesOf(this.headers['cookie']!);
    for (const line of setCookies) {
      const [name, value] = pairOf(line.split(';')[0]!);
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    this.headers['cookie'] = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    this.memory = this.headers['cookie'];
    if (this.options.file !== undefined) replace(this.options.file, this.headers['cookie']);
  }

  /** What was renewed where no file could take it. */
  private memory: string | undefined;

  private read(): string {
    const { file, cookie } = this.options;
    if (file === undefined) return this.memory ?? insistOnCookie(cookie ?? '', 'AHUORA_API_COOKIE');
    if (!existsSync(file)) throw new Error(`AHUORA_API_COOKIE_FILE names ${file}, which does not exist.`);
    if ((statSync(file).mode & 0o077) !== 0)
      throw new Error(`${file} holds a session and is open to others: chmod 600 ${file}`);
    return insistOnCookie(readFileSync(file, 'utf8').trim(), file);
  }

  /** A cookie of OAuth2 Proxy is `<content>|<when it was made, seconds since the epoch>|<signature>`. */
  private age(): number | undefined {
    const made = [...cookiesOf(this.headers['cookie']!).values()]
      .map((value) => /^[^|]+\|(\d{9,11})\|[^|]+$/.exec(value.replace(/%7C/gi, '|'))?.[1])
      .filter((text) => text !== undefined)
      .map(Number);
    return made.length === 0 ? undefined : this.clock.now() / 1000 - Math.min(...made);
  }

  private secondsLeft(): number | undefined {
    const age = this.age();
    return age === undefined ? undefined : this.options.lifetimeSeconds - age;
  }
}

function minutes(seconds: number): number {
  return Math.round(seconds / 60);
}

function insistOnCookie(text: string, source: string): string {
  if (/^[^=;\s]+=[^;\s]+(; *[^=;\s]+=[^;\s]*)*$/.test(text)) return text;
  throw new Error(`${source} holds no cookie: give it as NAME=VALUE, several with "; " between.`);
}

function cookiesOf(header: string): Map<string, string> {
  return new Map(header.split(/; */).filter(Boolean).map(pairOf));
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** Nobody ever sees half a file, and nobody else may read it. */
function replace(file: string, text: string): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${text}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(fresh, file);
}
