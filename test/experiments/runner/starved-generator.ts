import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { achievedRate, generatorPauses } from '../../../experiments/runner/attempt/gates/gates';
import { EmbeddedGenerator, type Load } from '../../../experiments/workload';

/** Sends a small load once it is told to by a line on its standard input, and prints the verdicts of its punctuality and of its pauses. */
async function main(): Promise<void> {
  const server = http.createServer((_, response) => response.end('answer')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const stages = [
    { target: 40, seconds: 0.001 },
    { target: 40, seconds: 3 },
  ];
  const load: Load = { trial: 't', stages, request: { method: 'GET', url, headers: {} } };
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  const result = await new EmbeddedGenerator().run(load);
  const verdicts = [achievedRate(load, result), generatorPauses(result)];
  process.stdout.write(`${JSON.stringify(verdicts)}\n`, () => process.exit(0));
}

void main();
