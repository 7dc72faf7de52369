/** A share as a person reads it: `12.5 %`; below a thousandth with one digit more, so that little is not nothing. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.001 ? 2 : 1)} %`;
}

/** A share to the whole percent, such as `12 %`. */
export function wholePercent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** A share that somebody set, with no more digits than it has: `5 %`, `2.5 %`. */
export function setPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
