/** The parts of jStat (https://jstat.github.io) that the analysis uses; the package ships no types. */
declare module 'jstat' {
  interface Distribution {
    cdf(x: number, ...parameters: number[]): number;
    inv(p: number, ...parameters: number[]): number;
  }
  export const jStat: {
    studentt: Distribution;
    normal: Distribution;
    beta: Distribution;
    centralF: Distribution;
    chisquare: Distribution;
    mean(values: readonly number[]): number;
    /** Sample standard deviation (n − 1) when the second argument is true. */
    stdev(values: readonly number[], sample?: boolean): number;
    spearmancoeff(a: readonly number[], b: readonly number[]): number;
  };
}
