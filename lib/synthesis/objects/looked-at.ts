import { placeObjects, rules, scopesOf } from '../../checks';
import type { PlatformModel } from '../../constructs/platform-model';
import type { KubernetesObject, RenderedFile } from '../../kubernetes/object';

/**
 * Ids of rules by object, in the order of the rules: those that read something of it beyond kind and name, found by watching
 * the rules at work, so that it is what they do and not what somebody says of them.
 */
export function rulesByObject(
  model: PlatformModel,
  files: readonly RenderedFile[],
): ReadonlyMap<KubernetesObject, readonly string[]> {
  const found = new Map<KubernetesObject, string[]>();
  for (const rule of rules) {
    // Fresh for each rule: what an earlier one has read and remembered would not be read again.
    const watch = new Watch(files);
    const scopes = scopesOf(model, placeObjects(watch.files));
    watch.forget();
    for (const scope of scopes) for (const _violation of rule.check(scope, model)) void _violation;
    for (const object of watch.read) found.set(object, [...(found.get(object) ?? []), rule.id]);
  }
  return found;
}

const IDENTITY: readonly (string | symbol)[] = ['apiVersion', 'kind', 'metadata', 'toJSON'];
const NAMES: readonly (string | symbol)[] = ['name', 'namespace', 'toJSON'];

/** Objects that tell when they are read. */
class Watch {
  readonly files: readonly RenderedFile[];
  readonly read = new Set<KubernetesObject>();
  private readonly shown = new WeakMap<object, object>();

  constructor(files: readonly RenderedFile[]) {
    this.files = files.map((file) => ({
      ...file,
      // As it is written: fields without a value are none.
      objects: file.objects.map((object) =>
        this.watched(object, JSON.parse(JSON.stringify(object)) as KubernetesObject, IDENTITY),
      ),
    }));
  }

  forget(): void {
    this.read.clear();
  }

  /** The same part is always the same watched part, as rules compare them. */
  private watched<Part extends object>(
    owner: KubernetesObject,
    part: Part,
    unseen: readonly (string | symbol)[],
  ): Part {
    const known = this.shown.get(part);
    if (known) return known as Part;
    const seen = (key: string | symbol) => {
      if (typeof key === 'string' && !unseen.includes(key)) this.read.add(owner);
    };
    const proxy = new Proxy(part, {
      get: (target, key) => {
        seen(key);
        const value: unknown = Reflect.get(target, key);
        if (value === null || typeof value !== 'object') return value;
        return this.watched(owner, value, unseen === IDENTITY && key === 'metadata' ? NAMES : []);
      },
      has: (target, key) => {
        seen(key);
        return Reflect.has(target, key);
      },
      ownKeys: (target) => {
        if (unseen.length === 0) this.read.add(owner);
        return Reflect.ownKeys(target);
      },
    });
    this.shown.set(part, proxy);
    return proxy;
  }
}
