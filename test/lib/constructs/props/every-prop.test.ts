import { PropTypes } from './prop-types';
import { walkProps, type Walk, type Wholes } from './prop-walk';
import { renderingOf } from './rendering';
import { fixtures, otherEndpoint, otherNode, otherSecret, SAMPLES } from './samples';

const types = new PropTypes();

/** Things that a prop refers to, each with another of its kind. */
const WHOLES: Wholes = {
  ConfigFiles: ({ otherConfig }) => otherConfig,
  Host: () => otherNode,
  SecretReference: () => otherSecret,
  ServiceEndpoint: () => otherEndpoint,
};

/** Where only a reference to an endpoint counts. What an endpoint is made of is walked in the network policies. */
const WITH_ENDPOINTS: Wholes = { ...WHOLES, Endpoint: () => otherEndpoint };

/** Classes that constructs are made of, not given to their users. */
const INNER = ['PodOwner', 'LateBound'];

/** Props that only say what is refused, each with a value that is. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ConnectionPooler: { 'props.serverMaxConnections': 1, 'props.serverConnectionsKept': 999 },
};

/** Props that make no difference in manifests by design. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  // Walked among the connections, which are of the same type.
  NetworkPolicies: ['props.nameServer'],
  // Callers are selected by their labels or addresses; their names are for pictures and messages.
  CallersOfOthers: ['props.guarded[].others[].from.name', 'props.connections()[].from.name'],
};

const constructs = [...types.constructors()].filter(([name]) => !INNER.includes(name));

function walkOf(name: string): Walk {
  const samples = SAMPLES[name]!.all.map((sample) => sample(fixtures()));
  const skipped = [...Object.keys(REFUSED[name] ?? {}), ...(ELSEWHERE[name] ?? [])];
  const wholes = name === 'NetworkPolicies' ? {} : WITH_ENDPOINTS;
  return walkProps(types.checker, types.constructors().get(name)!, samples, wholes, (prop) => skipped.includes(prop));
}

/** Props of which no change changes anything. */
function withoutEffect(name: string): string[] {
  const { construct, all } = SAMPLES[name]!;
  const before = all.map((sample) => renderingOf(construct, sample));
  const effect = new Map<string, boolean>();
  for (const { prop, sample, apply } of walkOf(name).changes) {
    if (effect.get(prop)) continue;
    const after = renderingOf(construct, (given) => apply(all[sample]!(given), given));
    effect.set(prop, after !== before[sample]);
  }
  return [...effect].filter(([, has]) => !has).map(([prop]) => prop);
}

it('every construct has samples, and every sample a construct', () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(constructs.map(([name]) => name).sort());
});

describe.each(constructs.map(([name]) => name))('%s', (name) => {
  it('has a sample of every prop', () => {
    const { missing, changes } = walkOf(name);
    expect(missing).toEqual([]);
    expect(changes.length).toBeGreaterThan(0);
  });

  it('drops no prop: another value is another manifest', () => {
    expect(withoutEffect(name)).toEqual([]);
  });
});

it.each(
  Object.entries(REFUSED).flatMap(([name, props]) => Object.entries(props).map((prop) => [name, ...prop] as const)),
)('%s refuses %s: %d', (name, prop, value) => {
  const { construct, all } = SAMPLES[name]!;
  const field = prop.replace('props.', '');
  const given = (from: ReturnType<typeof fixtures>) => [{ ...(all[0]!(from)[0] as object), [field]: value }];
  expect(() => renderingOf(construct, given)).toThrow(/connections/);
});

/** The walk is itself held: what is dropped on purpose is found. */
describe('a construct that drops a prop', () => {
  it('is told by it', () => {
    const { construct, all } = SAMPLES['WebService']!;
    const forgetful = class {
      constructor(component: never, props: Record<string, unknown>) {
        new construct(component, { ...props, preStopSleepSeconds: undefined });
      }
    };
    const sample = all[0]!;
    const before = renderingOf(forgetful as never, sample);
    const change = walkOf('WebService').changes.find(({ prop }) => prop === 'props.preStopSleepSeconds')!;
    expect(renderingOf(forgetful as never, (given) => change.apply(sample(given), given))).toBe(before);
    expect(renderingOf(construct, (given) => change.apply(sample(given), given))).not.toBe(
      renderingOf(construct, sample),
    );
  });
});
