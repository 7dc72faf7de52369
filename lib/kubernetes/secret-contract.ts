/** How the installer makes a value that no outside service issues. */
export interface GeneratedValue {
  /** Number of characters. */
  readonly length: number;
  /** Characters that it is made of. */
  readonly alphabet: 'alphanumeric' | 'base64url';
}

/**
 * What the installer issues by an authority of its own, and renews: the authority's certificate, or the certificate of a server under
 * these names with its private key behind it, all in PEM.
 */
export type IssuedValue =
  | {
      /** The certificate that the others are signed with. */
      readonly what: 'authority';
    }
  | {
      /** A certificate with its private key behind it. */
      readonly what: 'server';
      /** Names that clients call the server by. */
      readonly names: readonly string[];
    };

/** One key of a Secret. Values never appear in this repository. */
export interface SecretKey {
  /** Key in the Secret, and in the vault. */
  readonly name: string;
  /** What the value is, for the person who fills the vault. */
  readonly description: string;
  /** Present when any random value will do. */
  readonly generate?: GeneratedValue;
  /** Present when no person gives the value. */
  readonly issued?: IssuedValue;
}

/** A Secret that charts consume and Ansible seeds: declared once, never rendered as a Secret object. */
export interface SecretContract {
  /** Name of the Secret. */
  readonly name: string;
  /** Where it is made. */
  readonly namespace: string;
  /** Labels that the seeded Secret carries, where its reader finds it by them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** All that it holds. */
  readonly keys: readonly SecretKey[];
  /** Components that read it. */
  readonly readers: readonly string[];
}
