/** The volumes of a pod as folders of this machine. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Container, Pod } from "./pod.ts";

/** Puts paths of a container, and addresses that stand for all or for the pod itself, into words of this machine. */
export type Translate = (text: string) => string;

export const folderOf = (root: string, volume: string) => join(root, volume);

/** @param root where the pod's volumes lie */
export function translationFor(container: Container, root: string): Translate {
  const mounts = container.volumeMounts.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  return (text) =>
    mounts.reduce((words, { name, mountPath }) => {
      const path = mountPath.replaceAll("/", "\\/");
      return words.replace(new RegExp(`(?<![\\w./-])${path}(?![\\w.-])`, "g"), folderOf(root, name));
    }, text);
}

/** What is said to listen on every address of the pod, or to be reached inside it alone, is so on the pod's one address. */
export const inPod =
  (address: string): Translate =>
  (text) =>
    text.replaceAll(/\b(0\.0\.0\.0|127\.0\.0\.1)\b/g, address);

/**
 * Lays a ConfigMap out as a kubelet does: files are links into a folder that is itself a link, which a rename replaces.
 * @returns whether anything changed
 */
export function writeConfigMap(folder: string, version: string, data: Record<string, string>): boolean {
  const generation = `..${version}`;
  if (existsSync(join(folder, generation))) return false;
  mkdirSync(join(folder, generation), { recursive: true });
  for (const [name, text] of Object.entries(data)) {
    writeFileSync(join(folder, generation, name), text);
    if (!existsSync(join(folder, name))) symlinkSync(join("..data", name), join(folder, name));
  }
  symlinkSync(generation, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  for (const name of readdirSync(folder))
    if (name.startsWith("..") && name !== "..data" && name !== generation)
      rmSync(join(folder, name), { recursive: true });
  return true;
}

/** Where a ConfigMap is mounted: its texts name paths and addresses, too. */
export function mountOf({ spec }: Pod, volume: string): Container | undefined {
  return [...spec.initContainers, ...spec.containers].find(({ volumeMounts }) =>
    volumeMounts.some(({ name }) => name === volume),
  );
}
