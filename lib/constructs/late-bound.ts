import type { App } from 'cdk8s';
import { Construct } from 'constructs';

/**
 * A construct whose objects follow from what other constructs declare. It makes them just before they are read, so that it
 * may stand anywhere among the others, and anew each time, so that nothing declared later is missed.
 */
export abstract class LateBound extends Construct {
  /** Makes the objects from what is declared by now. */
  bind(): void {
    for (const { node } of this.node.children) this.node.tryRemoveChild(node.id);
    this.makeObjects();
  }

  protected abstract makeObjects(): void;
}

/** To be called before the objects of an app are read. */
export function bindLate(app: App): void {
  for (const construct of app.node.findAll()) if (construct instanceof LateBound) construct.bind();
}
