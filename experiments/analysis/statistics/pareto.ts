/**
 * Indices of the points that no other point beats: none is at least as good on both axes and better on one. Smaller is
 * better on both. Points with a missing coordinate are never on the front.
 */
export function paretoFront(points: readonly { readonly x: number | null; readonly y: number | null }[]): number[] {
  const known = points.flatMap(({ x, y }, index) => (x === null || y === null ? [] : [{ x, y, index }]));
  known.sort((a, b) => a.x - b.x || a.y - b.y);
  const front: number[] = [];
  let best = Infinity;
  let bestX = -Infinity;
  for (const { x, y, index } of known) {
    if (y < best || (y === best && x === bestX)) {
      front.push(index);
      best = y;
      bestX = x;
    }
  }
  return front;
}
