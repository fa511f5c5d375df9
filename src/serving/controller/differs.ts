/**
 * Whether an object is other than it shall be. Fields that others set, or the API server by default, do not count: only
 * what the manifest names. Lists of named things are compared by name, since others may add to them.
 */
export function differs(wanted: unknown, live: unknown): boolean {
  if (Array.isArray(wanted)) return !Array.isArray(live) || listDiffers(wanted, live);
  if (typeof wanted === "object" && wanted !== null) {
    const held = isObject(live) ? live : {};
    return Object.entries(wanted).some(([key, value]) => value !== undefined && differs(value, held[key]));
  }
  return wanted !== live;
}

function listDiffers(wanted: readonly unknown[], live: readonly unknown[]): boolean {
  const named = wanted.every((each) => isObject(each) && typeof each.name === "string");
  if (!named || wanted.length === 0)
    return wanted.length !== live.length || wanted.some((each, index) => differs(each, live[index]));
  const byName = new Map(live.filter(isObject).map((each) => [each.name, each]));
  return wanted.some((each) => isObject(each) && differs(each, byName.get(each.name)));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
