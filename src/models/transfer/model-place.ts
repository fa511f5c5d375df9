import { bucketPlace } from "./bucket-place.ts";
import { folderPlace } from "./folder-place.ts";
import { TransferError } from "./transfer-error.ts";
import { webPlace } from "./web-place.ts";

/** A folder of a model's files, wherever it is. All throw TransferError where the place cannot be reached. */
export interface ModelPlace {
  uri: string;
  /** A small file's text; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Copies a file of it to this path. */
  download(name: string, path: string): Promise<void>;
  /** Names of all files below, with slashes. */
  list(): Promise<string[]>;
  /** Puts a file there, or in the place of the one that is. */
  upload(path: string, name: string): Promise<void>;
}

/** @param uri gs://BUCKET/PATH, https://HOST/PATH or a folder's path. @throws TransferError */
export function openModelPlace(uri: string): ModelPlace {
  const [, scheme, rest] = /^([a-z]+):\/\/(.+?)\/*$/.exec(uri) ?? [];
  if (scheme === undefined && uri !== "") return folderPlace(uri);
  if (scheme === "gs" && rest?.includes("/")) return bucketPlace(uri, rest);
  if (scheme === "https" || scheme === "http") return webPlace(uri);
  throw new TransferError(`"${uri}" names no place of models: gs://BUCKET/PATH, https://HOST/PATH or a folder`);
}

/** The place above, where the config.pbtxt of all versions lies. */
export function placeAbove({ uri }: ModelPlace): ModelPlace | undefined {
  const above = uri.replace(/\/+$/, "").replace(/\/[^/]+$/, "");
  return /^gs:\/\/[^/]+$|^https?:\/\/[^/]+$|^$/.test(above) ? undefined : openModelPlace(above);
}
