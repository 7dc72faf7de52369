/** A share as a person reads it: `12.5 %`; below a thousandth with one digit more, so that little is not nothing. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.001 ? 2 : 1)} %`;
}
