/** One key of a Secret. Values never appear in this repository. */
export interface SecretKey {
  readonly name: string;
  /** What the value is, for the person who fills the vault. */
  readonly description: string;
}

/** A Secret that charts consume and Ansible seeds: declared once, never rendered as a Secret object. */
export interface SecretContract {
  readonly name: string;
  readonly namespace: string;
  readonly keys: readonly SecretKey[];
  /** Components that read it. */
  readonly readers: readonly string[];
}
