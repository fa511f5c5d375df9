import { BlobError } from "./blob-store.ts";

/** What the system's error means for the store in `folder`: always `unavailable`, with what to do about it. */
export function fileFailure(error: unknown, folder: string): BlobError {
  const code = codeOf(error);
  const advice = adviceByCode[code] ?? "see the error of the system";
  return new BlobError("unavailable", `The blob store ${folder} cannot be used (${code || String(error)}): ${advice}`, {
    cause: error,
  });
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(codeOf(error));
}

const adviceByCode: Record<string, string> = {
  ENOSPC: "the disk is full; free space or give it a larger one",
  EDQUOT: "the disk quota is used up; raise it or free space",
  EFBIG: "the file size limit of the process is too low",
  EACCES: "this user may not read and write there; change its owner or rights",
  EPERM: "this user may not read and write there; change its owner or rights",
  EROFS: "the disk is mounted read-only",
  ENOTDIR: "a file is where a folder should be",
  EEXIST: "a file is where a folder should be",
  ENOENT: "the folder is gone; is its disk mounted?",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
  ENFILE: "too many files are open on this machine",
  EIO: "the disk fails to read or write",
  ESTALE: "the network file system lost the folder; mount it again",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
