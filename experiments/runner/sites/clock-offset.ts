import { Agent, request } from 'undici';

/**
 * A server's clock minus this machine's, seconds, good to half of one, since the Date header counts whole seconds.
 *
 * @throws {Error} when the server does not answer or sends no Date.
 */
export async function serverClockOffset(url: string): Promise<number> {
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const before = Date.now();
    const { headers, body } = await request(url, { dispatcher: agent, headersTimeout: 10_000 });
    const after = Date.now();
    await body.dump();
    const date = Date.parse(String(headers['date']));
    if (Number.isNaN(date)) throw new Error('the answer has no Date');
    return (date + 500 - (before + after) / 2) / 1000;
  } catch (error) {
    throw new Error(`The clock of ${url} cannot be read: ${(error as Error).message}.`);
  } finally {
    await agent.close();
  }
}
