/**
 * The same function, which works a result out once for each object and keeps it for as long as the object is there. What else it
 * is given must follow from the object, as the scope of a pod does: it is not compared.
 */
export function kept<Key extends object, Others extends readonly unknown[], Value>(
  make: (key: Key, ...others: Others) => Value,
): (key: Key, ...others: Others) => Value {
  const known = new WeakMap<Key, Value>();
  return (key, ...others) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = make(key, ...others);
    known.set(key, value);
    return value;
  };
}
