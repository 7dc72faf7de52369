import type { Option } from './chart-text';

/** The name of a line, beside its last point. */
export interface EndLabel {
  readonly name: string;
  readonly at: readonly [number, number];
  readonly color: string;
  /** Where its last point lies, pixels from the top; `at` has the same height, at the panel's right edge. */
  readonly height: number;
}

/** Pixels between the middles of two names. */
const LABEL_GAP = 13;

/** What names must stay within, pixels from the top. */
interface Room {
  readonly from: number;
  readonly to: number;
}

/**
 * Moves heights apart that are nearer than a gap, each as little as the others permit, in the order in which they lie, and
 * within their room where they are few enough for it.
 */
export function spread(asked: readonly number[], gap = LABEL_GAP, room?: Room): number[] {
  const order = asked.map((_, index) => index).sort((a, b) => asked[a] - asked[b] || a - b);
  const heights = [...asked];
  if (room !== undefined && (asked.length - 1) * gap <= room.to - room.from)
    order.forEach((index, place) => {
      const last = room.to - (order.length - 1 - place) * gap;
      heights[index] = Math.min(last, Math.max(room.from + place * gap, asked[index]));
    });
  // Neighbours that touch are moved as one: a block lies around the mean of where its members wanted to be.
  const blocks: { members: number[]; wanted: number }[] = [];
  for (const index of order) {
    let block = { members: [index], wanted: heights[index] };
    for (let last = blocks.at(-1); last !== undefined && touches(last, block, gap); last = blocks.at(-1)) {
      blocks.pop();
      const members = [...last.members, ...block.members];
      block = { members, wanted: mean(members.map((one, place) => heights[one] - place * gap)) };
    }
    blocks.push(block);
  }
  const places = new Array<number>(heights.length);
  for (const { members, wanted } of blocks) members.forEach((one, place) => (places[one] = wanted + place * gap));
  return places;
}

function touches(upper: { members: number[]; wanted: number }, lower: { wanted: number }, gap: number): boolean {
  return lower.wanted < upper.wanted + upper.members.length * gap;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Names beside a panel at the heights where its lines end, none over another: the library moves only labels of points apart. */
export function endLabels(labels: readonly EndLabel[], room: Room): Option {
  const places = spread(
    labels.map(({ height }) => height),
    LABEL_GAP,
    room,
  );
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 1,
    clip: false,
    tooltip: { show: false },
    itemStyle: { color: 'transparent' },
    data: labels.map(({ name, at, color, height }, index) => ({
      value: at,
      name,
      label: {
        show: true,
        position: 'right',
        formatter: '{b}',
        fontSize: 11,
        color,
        distance: 6,
        offset: [0, places[index] - height],
      },
    })),
  };
}
