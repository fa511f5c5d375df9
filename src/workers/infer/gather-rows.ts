import type { TensorRow } from "../../capture/item.ts";
import { InferenceError } from "../../inference/inference-client.ts";

/**
 * The tensor of a batch: its rows, in order, out of the blobs in which they lie. Captures that were retried
 * together may come from several blobs; a batch that stayed whole is its blob, and is not copied.
 * @param blobs the bytes of each blob by its reference
 * @param rowBytes bytes of one row
 * @throws InferenceError `bad-request` when a blob is not as long as its rows: zeros in their place would be scored
 */
export function gatherRows(
  rows: readonly TensorRow[],
  blobs: ReadonlyMap<string, Uint8Array>,
  rowBytes: number,
): Uint8Array {
  for (const { blob, rows: count } of rows) {
    const bytes = blobs.get(blob)?.length ?? 0;
    if (bytes !== count * rowBytes)
      throw new InferenceError(
        "bad-request",
        `The tensor ${blob} has ${bytes} bytes; ${count} rows of ${rowBytes} were expected`,
      );
  }
  const [first] = rows;
  const whole = first && rows.length === first.rows && rows.every((row, i) => row.blob === first.blob && row.row === i);
  const only = whole && blobs.get(first.blob);
  if (only) return only;
  const tensor = new Uint8Array(rows.length * rowBytes);
  rows.forEach(({ blob, row }, index) => {
    tensor.set(blobs.get(blob)?.subarray(row * rowBytes, (row + 1) * rowBytes) ?? [], index * rowBytes);
  });
  return tensor;
}

/** Blobs all of whose rows are among these; one that another batch still has rows of is left out. */
export function completeBlobs(tensors: readonly TensorRow[]): string[] {
  const seen = new Map<string, Set<number>>();
  for (const { blob, row } of tensors) seen.set(blob, (seen.get(blob) ?? new Set()).add(row));
  const complete = tensors.filter(({ blob, rows }) => seen.get(blob)?.size === rows);
  return [...new Set(complete.map(({ blob }) => blob))];
}
