/** What the arguments of `briareus publish` name: files, folders with all below them, and URIs. */
import type { Dirent } from "node:fs";
import { access, constants, readdir, stat } from "node:fs/promises";
import { basename, extname, join, relative } from "node:path";
import type { PictureCapture } from "../producer/picture-publisher.ts";
import { CommandError, exitCodes } from "./exit.ts";

export interface NamedPicture extends Pick<PictureCapture, "source" | "attributes"> {
  /** As the person who typed the command knows it. */
  name: string;
}

export interface PictureList {
  pictures: NamedPicture[];
  /** Files of folders that are no pictures by their names. */
  skipped: string[];
}

/** Some of these are not decoded; their verdicts say so. */
const pictureExtensions = new Set([
  ".jpg",
  ".jpeg",
  ".jpe",
  ".jfif",
  ".png",
  ".webp",
  ".avif",
  ".gif",
  ".bmp",
  ".tif",
  ".tiff",
  ".heic",
  ".heif",
  ".jxl",
]);

/**
 * Files of a folder are taken by their extensions, hidden ones left out; a file that is named itself is always taken.
 * @throws CommandError for what does not exist or cannot be read, and for a folder without pictures
 */
export async function listPictures(args: readonly string[]): Promise<PictureList> {
  const lists = await Promise.all(args.map(listArgument));
  return { pictures: lists.flatMap(({ pictures }) => pictures), skipped: lists.flatMap(({ skipped }) => skipped) };
}

async function listArgument(argument: string): Promise<PictureList> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(argument)) {
    return { pictures: [{ name: argument, source: { uri: argument } }], skipped: [] };
  }
  try {
    const found = await stat(argument);
    if (found.isDirectory()) return await listFolder(argument);
    if (!found.isFile()) throw wrong(`${argument} is neither a file nor a folder`);
    await access(argument, constants.R_OK);
    return { pictures: [fileNamed(argument, argument)], skipped: [] };
  } catch (error) {
    throw error instanceof CommandError ? error : wrong(inWords(argument, error));
  }
}

async function listFolder(folder: string): Promise<PictureList> {
  const pictures: NamedPicture[] = [];
  const skipped: string[] = [];
  for await (const { path, entry } of filesBelow(folder)) {
    const name = relative(folder, path);
    if (!pictureExtensions.has(extname(name).toLowerCase())) skipped.push(name);
    // A link to a folder is left out: it could lead back to this one.
    else if (entry.isFile() || (await stat(path)).isFile()) {
      await access(path, constants.R_OK);
      pictures.push(fileNamed(name, path));
    }
  }
  if (pictures.length === 0) throw wrong(`there is no picture in ${folder}${whatElse(skipped)}`);
  return { pictures, skipped };
}

const byName = new Intl.Collator("en", { numeric: true });

/** Files and links, in the order of their names, numbers by value. What is hidden is left out. */
async function* filesBelow(folder: string): AsyncGenerator<{ path: string; entry: Dirent }> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => byName.compare(a.name, b.name))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() || entry.isSymbolicLink()) yield { path, entry };
  }
}

/** The file's name goes with the capture: its URI tells nothing and ends with the command. */
function fileNamed(name: string, file: string): NamedPicture {
  return { name, source: { file }, attributes: { picture: basename(file) } };
}

function whatElse(skipped: readonly string[]): string {
  if (skipped.length === 0) return ": it holds no files";
  return `: by their extensions its files are something else (${skipped[0]}${skipped.length > 1 ? " …" : ""})`;
}

function wrong(sentence: string): CommandError {
  return new CommandError(`${sentence}; nothing was published`, exitCodes.usage);
}

function inWords(argument: string, error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `there is no file or folder ${path ?? argument}`;
  return code === "EACCES" || code === "EPERM" ? `${path ?? argument} may not be read by you` : message;
}
