import type { PlatformModel } from '../constructs/platform-model';
import type { PodTemplate } from './objects/pod-template';
import type { PlacedObject } from './objects/placed-object';
import type { Scope } from './objects/scope';

/** Where a rule is broken, and how. */
export interface Violation {
  readonly at: PlacedObject;
  /** Path of the field, such as `spec.template.spec.containers[0].image`. */
  readonly field?: string;
  /** What is wrong, as one clause without a full stop. */
  readonly message: string;
  /** Instead of the rule's own remedy, where the case has a better one. */
  readonly remedy?: string;
}

/** What every rule says about itself. */
export interface RuleText {
  /** Stable name, used by exceptions and in documentation. */
  readonly id: string;
  /** The harm that follows when it is broken, as one sentence. */
  readonly why: string;
  /** What to do, as one clause without a full stop. */
  readonly remedy: string;
}

/** A rule over everything that is applied together. */
export interface Rule extends RuleText {
  /**
   * `object`: looks at one object at a time, so that each object is looked at once. `scope`: looks at objects together,
   * once for every set of trees that is applied together. `wiring`: as `scope`, but is shown objects without their amounts
   * (see {@link withoutAmounts}), so that variants which differ in those alone are looked at once.
   */
  readonly over: 'object' | 'scope' | 'wiring';
  check(scope: Scope, model: PlatformModel): Iterable<Violation>;
}

/** A rule that looks at each object by itself. */
export function objectRule(text: RuleText, check: (at: PlacedObject) => Iterable<Violation>): Rule {
  return {
    ...text,
    over: 'object',
    *check(scope) {
      for (const at of scope.objects) yield* check(at);
    },
  };
}

/** A rule that looks at each pod template by itself. */
export function podRule(text: RuleText, check: (pod: PodTemplate) => Iterable<Violation>): Rule {
  return {
    ...text,
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) yield* check(pod);
    },
  };
}

/** A rule that needs to see what is applied together. */
export function scopeRule(text: RuleText, check: (scope: Scope, model: PlatformModel) => Iterable<Violation>): Rule {
  return { ...text, over: 'scope', check };
}

/** A rule that needs to see what is applied together, but not how much of it there is. */
export function wiringRule(text: RuleText, check: (scope: Scope, model: PlatformModel) => Iterable<Violation>): Rule {
  return { ...text, over: 'wiring', check };
}
