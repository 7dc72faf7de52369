import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { z } from 'zod';
import defaultSteps from './flowsheet-steps.json';
import type { FlowsheetPort } from './ports';
import { SESSION_STATUS, SessionRefused } from './session';

const template = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

/** One step of building a flowsheet. `{name}` in a text stands for an id found by an earlier step, or for the flowsheet's name. */
const step = z.strictObject({
  /** What it does, for messages. */
  title: z.string(),
  /** Lists what may exist already: the first entry (whose fields equal `where`) is it. */
  find: z.strictObject({ path: z.string(), where: template.optional() }),
  /** Makes it where it was not found; absent where it must exist by now. */
  create: z.strictObject({ path: z.string(), body: template }).optional(),
  /** Name under which later steps know the id. */
  as: z.string().optional(),
  /** Changes it, found or made; the same value may be written again and again. */
  set: z.strictObject({ method: z.enum(['PATCH', 'PUT', 'POST']), path: z.string(), body: template }).optional(),
});

/** The set-up and tear-down of a flowsheet as the API wants it today. */
const flowsheetSteps = z.strictObject({
  steps: z.array(step).min(1),
  remove: z.strictObject({ path: z.string() }),
  list: z.strictObject({ path: z.string() }),
});

export type FlowsheetSteps = z.infer<typeof flowsheetSteps>;

/**
 * Reads steps from a JSON file, or the repository's own without one.
 *
 * @throws {Error} naming the file and the field that is wrong.
 */
export function readFlowsheetSteps(file?: string): FlowsheetSteps {
  const source = file ?? 'experiments/runner/attempt/flowsheet-steps.json';
  const result = flowsheetSteps.safeParse(file === undefined ? defaultSteps : parse(file));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Error(`${source}, field ${issue.path.join('.') || '(all)'}: ${issue.message}.`);
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${(error as Error).message}.`);
  }
}

type Known = Record<string, string | number>;
interface Listed {
  readonly id: string | number;
  readonly [field: string]: unknown;
}

/** Builds and removes flowsheets through the API. Every step looks before it makes, so a half-built flowsheet is completed. */
export class FlowsheetClient implements FlowsheetPort {
  private readonly agent = new Agent({ connect: { rejectUnauthorized: false }, headersTimeout: 30_000 });

  constructor(
    private readonly steps: FlowsheetSteps = readFlowsheetSteps(),
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async create(url: string, name: string): Promise<string> {
    const known: Known = { name };
    for (const one of this.steps.steps) {
      const found = await this.find(url, one.find.path, one.find.where ?? {}, known, one.title);
      const id = found?.id ?? (await this.make(url, one, known));
      if (one.as !== undefined) known[one.as] = id;
      if (one.set !== undefined) {
        const path = fill(one.set.path, { ...known, id });
        await this.call(one.set.method, url, path, fillBody(one.set.body, { ...known, id }), one.title);
      }
    }
    return String(known['flowsheet']);
  }

  async remove(url: string, name: string): Promise<void> {
    for (const flowsheet of await this.flowsheets(url))
      if (flowsheet['name'] === name) await this.delete(url, flowsheet);
  }

  async removeLeftovers(url: string, prefix: string): Promise<number> {
    const leftovers = (await this.flowsheets(url)).filter(({ name }) => String(name).startsWith(prefix));
    for (const flowsheet of leftovers) await this.delete(url, flowsheet);
    return leftovers.length;
  }

  private async flowsheets(url: string): Promise<Listed[]> {
    return this.listAt(url, this.steps.list.path, 'list flowsheets');
  }

  private async listAt(url: string, path: string, title: string): Promise<Listed[]> {
    return listed(await this.call('GET', url, path, undefined, title), asked(title, path));
  }

  private async delete(url: string, flowsheet: Listed): Promise<void> {
    const path = fill(this.steps.remove.path, { flowsheet: flowsheet.id });
    await this.call('DELETE', url, path, undefined, 'delete flowsheet');
  }

  private async find(url: string, path: string, where: Template, known: Known, title: string) {
    const wanted = Object.entries(fillBody(where, known));
    const entries = await this.listAt(url, fill(path, known), title);
    return entries.find((entry) => wanted.every(([field, value]) => String(entry[field]) === String(value)));
  }

  private async make(url: string, one: z.infer<typeof step>, known: Known): Promise<string | number> {
    if (one.create === undefined)
      throw new Error(
        `Flowsheet step "${one.title}" found nothing at ${fill(one.find.path, known)}: adapt the steps file.`,
      );
    const made = await this.call(
      'POST',
      url,
      fill(one.create.path, known),
      fillBody(one.create.body, known),
      one.title,
    );
    const id = (made as Partial<Listed> | undefined)?.id;
    if (id === undefined)
      throw new Error(`Flowsheet step "${one.title}" was answered without an id: adapt the steps file.`);
    return id;
  }

  private async call(method: string, url: string, path: string, body: object | undefined, title: string) {
    const answer = await request(`${url}${path}`, {
      method: method as 'GET',
      dispatcher: this.agent,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...this.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      throw new Error(`Flowsheet step "${title}": ${url} does not answer (${error.message}).`);
    });
    const text = await answer.body.text();
    if (method === 'DELETE' && answer.statusCode === 404) return undefined; // Already gone is what was wanted.
    const isPage = /^\s*<(!doctype|html)/i.test(text); // An empty answer may call itself a page, too.
    if (isPage || SESSION_STATUS.includes(answer.statusCode))
      throw new SessionRefused(`${method} ${path} was answered ${answer.statusCode}${isPage ? ' with a page' : ''}`);
    if (answer.statusCode < 200 || answer.statusCode > 299)
      throw new Error(
        `Flowsheet step "${title}": ${method} ${path} was answered ${answer.statusCode} (${text.slice(0, 120)}).`,
      );
    return text === '' ? undefined : readAnswer(text, asked(title, path, method));
  }
}

type Template = z.infer<typeof template>;

const asked = (title: string, path: string, method = 'GET') => `Flowsheet step "${title}": ${method} ${path}`;

function readAnswer(text: string, step: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const found = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    throw new Error(
      `${step} was answered with ${JSON.stringify(found)}, which is no JSON: check that the address is the API's.`,
    );
  }
}

/** APIs answer lists bare or paged. */
function listed(answer: unknown, step: string): Listed[] {
  const results = (answer as { results?: unknown } | undefined)?.results;
  const entries = Array.isArray(answer) ? answer : results;
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'object' && entry !== null))
    throw new Error(`${step} was answered without a list of objects: adapt the steps file.`);
  return entries as Listed[];
}

function fill(text: string, known: Known): string {
  return text.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(valueOf(key, known)));
}

function fillBody(body: Template, known: Known): Record<string, unknown> {
  const filled = (value: Template[string]): unknown => {
    if (Array.isArray(value)) return value.map(filled);
    const whole = typeof value === 'string' ? /^\{(\w+)\}$/.exec(value) : null;
    return whole === null ? value : valueOf(whole[1]!, known); // A whole placeholder keeps the id's own type.
  };
  return Object.fromEntries(Object.entries(body).map(([field, value]) => [field, filled(value)]));
}

function valueOf(key: string, known: Known): string | number {
  const value = known[key];
  if (value === undefined) throw new Error(`The flowsheet steps use {${key}}, which no earlier step found.`);
  return value;
}
