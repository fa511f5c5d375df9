import { invalidArgument } from "./rpc-error.ts";

/**
 * A resource with the fields that the mask names taken from another one; a field absent there is cleared.
 * @throws RpcError INVALID_ARGUMENT if the mask is empty or names a field that cannot be changed
 */
export function applyFieldMask<T extends object>(
  resource: T,
  update: T,
  paths: readonly string[],
  mutable: readonly (keyof T & string)[],
): T {
  if (paths.length === 0) throw invalidArgument("the update_mask is empty: name the fields to change");
  const result = { ...resource };
  for (const path of paths) {
    const field = mutable.find((name) => snakeCase(name) === snakeCase(path));
    if (!field) {
      throw invalidArgument(
        `the update_mask names ${JSON.stringify(path)}, which cannot be changed; these can: ${mutable.map(snakeCase).join(", ")}`,
      );
    }
    result[field] = update[field];
  }
  return result;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
