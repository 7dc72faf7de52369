/** The door of the workload: what a load is, and the generators that send one. */
export { describeAnswer, learnAnswer, type ExpectedAnswer } from './answer/expected-answer';
export { comparableNumbers } from './answer/steady-values';
export { EmbeddedGenerator } from './embedded/generator';
export * from './generator';
export { K6Generator, k6Bundle } from './k6-generator';
export { k6Options } from './k6-options';
export * from './load';
export { samplesFromLines, type SampleLine, type StartLine } from './sample-line';
export { threadSource } from './thread-source';
export { memoryInUse, watchHost, type HostSample } from './host-usage';
export { outcomesOf } from './outcomes';
export { decodeResult } from './pod/result-file';
export { SeveralGenerators, together } from './several-generators';
export { mergeResults } from './share';
export { podProgram } from './pod/source';
export { probe, type ProbeResult } from './probe';
