/**
 * Random numbers of a seed and a name alone, so a trial plays the same whichever thread runs it: sfc32 of PractRand (Chris
 * Doty-Humphrey) over a seed mixed by MurmurHash3's finaliser (Austin Appleby), both public domain.
 */
export class RandomStream {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, name: string) {
    let hash = mix(seed | 0);
    for (let index = 0; index < name.length; index++) hash = mix(Math.imul(hash, 31) + name.charCodeAt(index));
    this.a = hash;
    this.b = mix(hash + 0x9e3779b9);
    this.c = mix(hash + 0x3c6ef372);
    for (let round = 0; round < 12; round++) this.uniform();
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /** Normal with mean 0 and standard deviation 1, by Box and Muller. */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
