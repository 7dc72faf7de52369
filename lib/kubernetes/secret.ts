import type { SecretKey } from './secret-contract';

/** One key of one Secret, to be read as an environment variable or mounted as a file. */
export interface SecretReference {
  /** The contract of the Secret. */
  readonly secret: Secret;
  /** One of its keys. */
  readonly key: string;
}

/**
 * A Secret as a contract: which keys it has and what each value is. Charts refer to its keys, Ansible seeds it, and no
 * Secret object is ever rendered, so that no value can come into the repository.
 */
export class Secret<Key extends string = string> {
  private readonly keyDescriptions: Readonly<Record<Key, Omit<SecretKey, 'name'>>>;

  constructor(
    readonly name: string,
    keys: Readonly<Record<Key, Omit<SecretKey, 'name'>>>,
  ) {
    this.keyDescriptions = keys;
  }

  /**
   * A reference to one key.
   *
   * @throws Error when the contract has no such key.
   */
  key(key: Key): SecretReference {
    if (Object.hasOwn(this.keyDescriptions, key)) return { secret: this, key };
    const known = Object.keys(this.keyDescriptions).join(', ');
    throw new Error(`secret ${this.name}: it has no key "${key}"; add it to the contract or use one of ${known}.`);
  }

  /** Keys in the order of the contract. */
  get keys(): readonly SecretKey[] {
    return Object.entries<Omit<SecretKey, 'name'>>(this.keyDescriptions).map(([name, rest]) => ({ name, ...rest }));
  }
}
