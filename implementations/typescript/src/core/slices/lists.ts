/** Lists that have an order and a limit. */

export type Order<T> = (left: T, right: T) => number;

/** By one order, then by the next. */
export function by<T>(...orders: readonly Order<T>[]): Order<T> {
  return (left, right) => {
    for (const order of orders) {
      const found = order(left, right);
      if (found !== 0) return found;
    }
    return 0;
  };
}

/** Put an entry at its sorted place, in place of the one with its key, and cut the list at its end. */
export function upsert<T>(
  list: readonly T[],
  entry: T,
  same: (one: T) => boolean,
  order: Order<T>,
  limit = Number.POSITIVE_INFINITY,
): readonly T[] {
  const others = list.filter((one) => !same(one));
  const found = others.findIndex((one) => order(entry, one) < 0);
  const at = found < 0 ? others.length : found;
  return [...others.slice(0, at), entry, ...others.slice(at)].slice(0, limit);
}
