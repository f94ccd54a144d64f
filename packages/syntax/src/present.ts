/** The values of an object that are there: properties that are undefined are left out, as `exactOptionalPropertyTypes` wants it. */
export function present<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Partial<T> = {};
  for (const key in values) if (values[key] !== undefined) kept[key] = values[key];
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}
