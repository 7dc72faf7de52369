import type { TestType } from '../../plan';
import type { GatewaySignals } from '../cluster/gateway-signals';
import type { Pod } from '../cluster/pod';
import type { PodListener, Workload } from '../cluster/workload';
import type { ContainerProcessor } from '../engine/container-processor';
import { DelayLine } from '../engine/delay-line';
import type { EventQueue, Timed } from '../engine/event-queue';
import type { NodeProcessor } from '../engine/node-processor';
import type { RandomStream } from '../../../lib/primitives/random-stream';
import { draw } from '../model/distribution';
import type { SystemModel } from '../model/system-model';
import { DatabaseStation } from './database-station';
import { GatewayStation } from './gateway-station';
import { NodeTraffic } from './node-traffic';
import { SolverConnections } from './solver-connections';
import { SampleOutcome, SampleTable } from './sample-table';

// One class above 300 lines: every station of a request works on the same columns of the same rows.

/** Stations of a request behind the gateway, in the order in which it visits them. */
const DJANGO_BEFORE = 1;
const POSTGRES = 2;
const IDAES = 3;
const DJANGO_AFTER = 4;

const NO_POD = -1;

export interface RequestFlowParts {
  readonly queue: EventQueue;
  readonly model: SystemModel;
  readonly testType: TestType;
  readonly random: RandomStream;
  /** Due times, seconds from the trial's start. */
  readonly arrivals: Float64Array;
  /** Counts what the gateway has answered. */
  readonly signals: Pick<GatewaySignals, 'completed'>;
  readonly django: Workload;
  readonly idaes: Workload;
  readonly pods: readonly Pod[];
  readonly gatewayNode?: NodeProcessor;
  readonly authenticationNode?: NodeProcessor;
  readonly databaseNode: NodeProcessor;
}

/**
 * The path of every request, from connection and TLS at the gateway to the answer; as a synchronous worker does, an API
 * thread is kept while it waits. Whatever needs no queue needs no event.
 */
export class RequestFlow implements Timed {
  readonly samples: SampleTable;
  inFlight = 0;
  /** Requests due so far. */
  due = 0;
  /** What the responses put on the nodes' interfaces; absent where clients and pods share one machine. */
  readonly traffic?: NodeTraffic;
  private readonly id: number;
  private readonly stage: Uint8Array;
  private readonly djangoPod: Int32Array;
  private readonly idaesPod: Int32Array;
  /** Service time of each request, seconds. */
  private readonly service: Float64Array;
  /** When the client sent the request on the open connection. */
  private readonly sent: Float64Array;
  /** 1 where the server side has given the request up. */
  private readonly lost: Uint8Array;
  private readonly gateway?: GatewayStation;
  private readonly database: DatabaseStation;
  private readonly connections: SolverConnections;
  private readonly toHandshake: DelayLine;
  private readonly toForward: DelayLine;
  private turn = 0;
  private oldestOpen = 0;
  private readonly roundTrip: number;
  private readonly connecting: number;
  private readonly serviceFactor: number;

  constructor(private readonly parts: RequestFlowParts) {
    const { queue, model, arrivals, random, gatewayNode, authenticationNode, databaseNode } = parts;
    const count = arrivals.length;
    this.samples = new SampleTable(count);
    this.stage = new Uint8Array(count);
    this.djangoPod = new Int32Array(count).fill(NO_POD);
    this.idaesPod = new Int32Array(count).fill(NO_POD);
    this.service = new Float64Array(count);
    this.sent = new Float64Array(count);
    this.lost = new Uint8Array(count);
    this.roundTrip = (model.network.roundTripMs + model.network.addedDelayMs) / 1000;
    const { connectingMs } = model.network;
    this.connecting = connectingMs === undefined ? this.roundTrip : connectingMs / 1000;
    this.serviceFactor = Math.max(0.5, 1 + model.betweenTrials * random.normal()) / 1000;
    this.id = queue.join(this);
    this.traffic = model.gateway && new NodeTraffic(model.gateway.node);
    this.gateway =
      model.gateway && gatewayNode
        ? new GatewayStation({
            gateway: model.gateway,
            gatewayNode,
            ...(model.authentication && { authentication: model.authentication, authenticationNode }),
            random,
            count,
            handshakeDone: (request, now) => this.handshakeDone(request, now),
            forwarded: (request, now) => this.route(request, now),
          })
        : undefined;
    this.connections = new SolverConnections(model.solverConnections, parts.idaes.endpoints, random);
    this.database = new DatabaseStation(
      queue,
      databaseNode,
      model.database,
      (request) => this.service[request] * this.shares.postgres,
      (request) => {
        if (this.lost[request] === 0) this.afterDatabase(request);
      },
    );
    this.toHandshake = new DelayLine(queue, (request) => this.gateway?.shakeHands(request));
    this.toForward = new DelayLine(queue, (request, now) => this.arriveWithRequest(request, now));
    if (count > 0) queue.schedule(this.id, arrivals[0]);
  }

  /** A request is due. */
  fire(now: number): void {
    const { arrivals, queue, model, testType, random } = this.parts;
    const request = this.due++;
    if (this.due < arrivals.length) queue.schedule(this.id, arrivals[this.due]);
    this.samples.scheduled[request] = now;
    this.service[request] = draw(model.requests[testType].total, random) * this.serviceFactor;
    if (this.inFlight >= model.generator.maxVirtualUsers) {
      this.samples.fail(request, SampleOutcome.Dropped, 0, now);
      return;
    }
    this.inFlight += 1;
    this.samples.start(request, now, this.connecting * 1000);
    // SYN out and back, then the first message of the client on its way to the server.
    if (this.gateway) this.toHandshake.carry(request, this.connecting + this.roundTrip / 2);
    else this.toForward.carry(request, this.connecting + this.roundTrip / 2);
  }

  /** Gives up requests that have waited too long, in the order in which they started. */
  timeOut(now: number): void {
    const { timeoutSeconds } = this.parts.model.generator;
    const { samples } = this;
    while (this.oldestOpen < this.due) {
      const request = this.oldestOpen;
      if (samples.isOpen(request)) {
        const limit = samples.started[request] + timeoutSeconds;
        if (limit > now) return;
        this.close(request, SampleOutcome.Timeout, 0, limit);
      }
      this.oldestOpen += 1;
    }
  }

  /** Ends the load: what is still in flight is cut off. */
  interrupt(now: number): void {
    for (let request = this.oldestOpen; request < this.due; request++) {
      if (this.samples.isOpen(request)) this.close(request, SampleOutcome.Interrupted, 0, now);
    }
  }

  cpuDone: PodListener['cpuDone'] = (pod, request, now) => {
    if (this.stage[request] === DJANGO_BEFORE) this.toDatabase(request);
    else if (this.stage[request] === DJANGO_AFTER) this.respond(request, 200, now);
    else this.solverDone(request, pod, now);
  };

  podGone: PodListener['podGone'] = (pod, now) => {
    for (let request = 0; request < this.due; request++) {
      if (this.lost[request] !== 0) continue;
      if (this.djangoPod[request] === pod.number) {
        this.lost[request] = 1;
        this.djangoPod[request] = NO_POD;
        this.close(request, SampleOutcome.Status, 502, now);
      } else if (this.idaesPod[request] === pod.number) {
        this.idaesPod[request] = NO_POD;
        this.respond(request, 500, now);
      }
    }
  };

  private handshakeDone(request: number, now: number): void {
    // The server's answer travels to the client, whose request travels back: one round trip.
    const half = this.roundTrip / 2;
    this.samples.tls[request] = (now + half - this.samples.started[request] - this.connecting) * 1000;
    this.toForward.carry(request, this.roundTrip);
  }

  private arriveWithRequest(request: number, now: number): void {
    this.sent[request] = now - this.roundTrip / 2;
    if (this.gateway) this.gateway.forward(request);
    else this.route(request, now);
  }

  /** The gateway takes the ready pods in turn. */
  private route(request: number, now: number): void {
    const { endpoints } = this.parts.django;
    if (endpoints.length === 0) {
      this.close(request, SampleOutcome.Status, 503, now);
      return;
    }
    this.turn = (this.turn + 1) % endpoints.length;
    const pod = endpoints[this.turn];
    if (pod.refuses) {
      this.close(request, SampleOutcome.Status, 502, now);
      return;
    }
    this.djangoPod[request] = pod.number;
    if (pod.active < pod.threads) {
      pod.active += 1;
      this.enterDjango(request, pod);
    } else pod.waiting.push(request);
  }

  private enterDjango(request: number, pod: Pod): void {
    this.stage[request] = DJANGO_BEFORE;
    const { djangoBefore } = this.shares;
    if (djangoBefore > 0) (pod.processor as ContainerProcessor).start(request, this.service[request] * djangoBefore);
    else this.toDatabase(request);
  }

  private toDatabase(request: number): void {
    this.stage[request] = POSTGRES;
    if (this.shares.postgres === 0) this.afterDatabase(request);
    else this.database.query(request);
  }

  private afterDatabase(request: number): void {
    if (this.shares.idaes > 0) this.toSolver(request);
    else this.finishInDjango(request);
  }

  private toSolver(request: number): void {
    const { queue } = this.parts;
    const pod = this.connections.open(this.djangoPod[request]);
    if (!pod || pod.refuses) {
      this.respond(request, 500, queue.now);
      return;
    }
    this.stage[request] = IDAES;
    this.idaesPod[request] = pod.number;
    if (pod.active < pod.threads) {
      pod.active += 1;
      this.solve(request, pod);
    } else pod.waiting.push(request);
  }

  private solve(request: number, pod: Pod): void {
    (pod.processor as ContainerProcessor).start(request, this.service[request] * this.shares.idaes);
  }

  private solverDone(request: number, pod: Pod, now: number): void {
    this.idaesPod[request] = NO_POD;
    if (this.lost[request] === 0) this.connections.close(this.djangoPod[request], pod);
    this.freeThread(pod, now, (next) => this.solve(next, pod));
    if (this.lost[request] === 0) this.finishInDjango(request);
  }

  private finishInDjango(request: number): void {
    const pod = this.parts.pods[this.djangoPod[request]];
    this.stage[request] = DJANGO_AFTER;
    const { djangoAfter } = this.shares;
    if (djangoAfter > 0) (pod.processor as ContainerProcessor).start(request, this.service[request] * djangoAfter);
    else this.respond(request, 200, this.parts.queue.now);
  }

  /** The API answers: its thread is free, and the client, if it still waits, has its response. */
  private respond(request: number, status: number, now: number): void {
    const pod = this.parts.pods[this.djangoPod[request]];
    this.djangoPod[request] = NO_POD;
    this.lost[request] = 1;
    if (this.samples.isOpen(request)) {
      this.close(request, status === 200 ? SampleOutcome.Success : SampleOutcome.Status, status, now);
      if (status === 200 && pod?.node) this.traffic?.respond(pod.node.name, this.responseBytes);
    }
    if (pod) this.freeThread(pod, now, (next) => this.enterDjango(next, pod));
  }

  private freeThread(pod: Pod, now: number, begin: (next: number) => void): void {
    if (pod.state === 'gone') return;
    pod.active -= 1;
    let next = NO_POD;
    while (pod.waiting.length > 0) {
      const candidate = pod.waiting.shift();
      if (this.lost[candidate] === 0) {
        next = candidate;
        break;
      }
    }
    if (next !== NO_POD) {
      pod.active += 1;
      begin(next);
    } else if (pod.refuses && pod.active === 0) this.workloadOf(pod).drained(pod, now);
  }

  private close(request: number, outcome: SampleOutcome, status: number, now: number): void {
    if (!this.samples.isOpen(request)) return;
    this.inFlight -= 1;
    // Counted only once the request itself has come: before that the gateway has a handshake and no more.
    if (this.sent[request] > 0) this.parts.signals.completed(now - this.roundTrip / 2 - this.sent[request]);
    const { bandwidth } = this.parts.model.network;
    if (outcome === SampleOutcome.Success) {
      this.samples.finish(
        request,
        (now + this.roundTrip / 2 - this.sent[request]) * 1000,
        (this.responseBytes / bandwidth) * 1000,
      );
    } else if (outcome === SampleOutcome.Status) {
      this.samples.fail(request, outcome, status, now + this.roundTrip / 2, this.sent[request]);
    } else this.samples.fail(request, outcome, status, now, this.sent[request]);
  }

  private workloadOf(pod: Pod): Workload {
    return pod.workload === 'idaes' ? this.parts.idaes : this.parts.django;
  }

  private get responseBytes(): number {
    return this.parts.model.requests[this.parts.testType].responseBytes;
  }

  private get shares() {
    return this.parts.model.requests[this.parts.testType].shares;
  }
}
