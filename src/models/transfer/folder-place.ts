import { copyFile, mkdir, readdir, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { ModelPlace } from "./model-place.ts";
import { TransferError } from "./transfer-error.ts";

export function folderPlace(uri: string): ModelPlace {
  const root = resolve(uri);
  const guarded = async <Value>(name: string, work: () => Promise<Value>): Promise<Value> =>
    await work().catch((error: Error) => {
      throw new TransferError(`${join(root, name)}: ${error.message}`, { cause: error });
    });
  return {
    uri,
    read: (name) =>
      guarded(name, async () => {
        const found = await stat(join(root, name)).catch(() => undefined);
        return found?.isFile() ? await readFile(join(root, name), "utf8") : undefined;
      }),
    download: (name, path) => guarded(name, () => copyFile(join(root, name), path)),
    list: () =>
      guarded("", async () => {
        const entries = await readdir(root, { recursive: true, withFileTypes: true });
        return entries.filter((each) => each.isFile()).map((each) => relative(root, join(each.parentPath, each.name)));
      }),
    upload: (path, name) =>
      guarded(name, async () => {
        const target = join(root, name);
        await mkdir(dirname(target), { recursive: true });
        await copyFile(path, `${target}.part`);
        await rename(`${target}.part`, target);
      }),
  };
}
