import { groupBy } from '../../primitives/group-by';

/**
 * What is the very same in several variants, once: of the one that runs where it is among them, with the places of the others.
 * What is of no variant stays by itself.
 */
export function sameInVariants<Item extends { readonly place: string }>(
  items: readonly Item[],
  isVariant: (place: string) => boolean,
): [first: Item, alsoIn: string[]][] {
  const groups = groupBy(items, (item) => JSON.stringify(isVariant(item.place) ? { ...item, place: '' } : item));
  return [...groups.values()].map((group) => {
    const first = group.find(({ place }) => place.endsWith('/production')) ?? group[0]!;
    return [first, [...new Set(group.map(({ place }) => place))].filter((place) => place !== first.place)];
  });
}
