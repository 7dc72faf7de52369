import { relative } from 'node:path';
import { Node, type IConstruct } from 'constructs';

/** Lines that made a construct, the nearest first, such as `charts/front-end.ts:19` and `main.ts:74`; none for a library's own. */
export type PlacesOf = (construct: IConstruct) => readonly string[];

/** The method of constructs through which each construct gets into its tree; there is no public door. */
interface Adding {
  addChild(child: IConstruct, name: string): void;
}

/** Deep enough to reach from a construct of a library back to the chart that made it. */
const FRAMES = 60;

/**
 * Does some work and remembers which lines, told from `repository`, made each construct meanwhile. cdk8s keeps no stack of
 * its own; taking one costs time, so only documentation asks for it.
 */
export function withPlaces<Result>(repository: string, work: () => Result): { result: Result; placesOf: PlacesOf } {
  const stacks = new WeakMap<IConstruct, Error>();
  const node = Node.prototype as unknown as Adding;
  const { addChild } = node;
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  node.addChild = function (this: Adding, child, name) {
    stacks.set(child, new Error(name));
    addChild.call(this, child, name);
  };
  const placesOf: PlacesOf = (construct) => {
    const own = placesIn(repository, stacks.get(construct)?.stack ?? '');
    // What is made just before it is read was asked for where its parent was made.
    return own.length > 0 || !construct.node.scope ? own : placesOf(construct.node.scope);
  };
  try {
    return { result: work(), placesOf };
  } finally {
    node.addChild = addChild;
    Error.stackTraceLimit = depth;
  }
}

/** What says what runs; everything else only helps to say it. */
const CHARTS = /^(charts|argocd)\//;

function placesIn(repository: string, stack: string): string[] {
  const places = [...stack.matchAll(/\(?((?:\/|[A-Za-z]:\\)[^\s()]*?\.ts):(\d+):\d+\)?$/gm)]
    .map(([, file, line]) => `${relative(repository, file!).replaceAll('\\', '/')}:${line}`)
    .filter((place) => CHARTS.test(place));
  return [...new Set(places)];
}
