import type { QueryName } from '../measurement/trial/queries';

/** A piece of running text: plain, or a figure that links to the trials behind it. */
export type Fragment = string | Value;
export type Sentence = readonly Fragment[];

/** What a table's cell or a sentence shows. */
export interface Value {
  /** As a person reads it; never NaN. */
  readonly text: string;
  /** Id of the cell whose trials it comes from, without `#`; a test type where they are all trials of that type. */
  readonly cell?: string;
  /** For machines; null where there is no value. */
  readonly value?: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  /** Trials behind it. */
  readonly n?: number;
}

export interface Column {
  readonly key: string;
  readonly title: string;
  readonly unit?: string;
  /** Query that the column's figures come from. */
  readonly query?: QueryName;
}

export interface Table {
  /** File name stem of the CSV and anchor of the HTML. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Value | string>>[];
}

/** A point with its interval. */
export interface PlotPoint {
  readonly x: number | string;
  readonly y: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly n?: number;
  readonly label?: string;
}

export interface PlotSeries {
  readonly name: string;
  readonly points: readonly PlotPoint[];
  /** A curve rather than measured points. */
  readonly line?: boolean;
  /** Drawn as outlines, within which points of another series at the same places are seen. */
  readonly open?: boolean;
}

interface PlotBase {
  readonly id: string;
  readonly title: string;
  /** What is drawn, with units and n, for the caption. */
  readonly caption: string;
  /** Query behind it; none where it counts what the trials' records say. */
  readonly query?: QueryName;
}

/** What the browser draws. */
export type Plot =
  | (PlotBase & {
      readonly kind: 'points';
      readonly xTitle: string;
      readonly yTitle: string;
      readonly xType: 'category' | 'value';
      readonly yLog?: boolean;
      readonly xLog?: boolean;
      /** Places where values can be, where these are few whole numbers. */
      readonly xTicks?: readonly number[];
      /** What is counted in whole numbers has no ticks between them. */
      readonly yWhole?: boolean;
      readonly series: readonly PlotSeries[];
    })
  | (PlotBase & {
      readonly kind: 'heat';
      readonly xTitle: string;
      readonly yTitle: string;
      readonly unit: string;
      readonly x: readonly string[];
      readonly y: readonly string[];
      readonly cells: readonly {
        readonly x: number;
        readonly y: number;
        readonly value: number | null;
        readonly label: string;
        /** Beneath it, in small: its interval and n. */
        readonly detail?: string;
      }[];
    })
  | (PlotBase & {
      readonly kind: 'traces';
      /** Cells that can be chosen; the ones marked are drawn at first, one line for each cell and workload. */
      readonly cells: readonly {
        readonly id: string;
        readonly label: string;
        /** Beneath it, in small: its interval and n. */
        readonly detail?: string;
        readonly drawn: boolean;
        /** Valid trials that can be chosen from. */
        readonly trials: number;
      }[];
      /** What one pod of each workload sustains, requests per second: the demand is the offered rate over it. */
      readonly sustainedByOne?: Readonly<Record<string, number>>;
      /** Overlay: one line for each cell. Single: every line of one trial. */
      readonly mode: 'overlay' | 'single';
    });

/** One question with its answer for one test type. */
export interface Answer {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** The answer: two sentences, or none where there is no answer. */
  readonly sentences: readonly Sentence[];
  /** What else must be known to read the answer rightly. */
  readonly notes?: readonly Sentence[];
  /** How sure the first sentence is, in a few words for the first page. */
  readonly certainty?: Sentence;
  /** Why there is no answer. */
  readonly unanswerable?: string;
  readonly plots: readonly Plot[];
  readonly tables: readonly Table[];
}
