import type { Allocate } from "../memory/allocate.ts";
import { inferenceService, type ModelInferRequest } from "./protocol.ts";

/** Field 7, raw_input_contents, of ModelInferRequest, as protobuf writes the head of a field of bytes. */
const rawContentsTag = (7 << 3) | 2;

/**
 * A ModelInferRequest in protobuf's encoding. Tensors are copied once, to their place in memory that can be used again;
 * the general encoder takes new memory for each request, which costs as much as sending it.
 */
export function inferRequestBytes(request: ModelInferRequest, allocate: Allocate): Buffer {
  const { raw_input_contents: tensors, ...rest } = request;
  const head = inferenceService.ModelInfer.requestSerialize({ ...rest, raw_input_contents: [] });
  // A repeated field may stand anywhere, so that it may follow what else there is.
  const parts = [head, ...tensors.flatMap((tensor) => [fieldHeadOf(tensor), tensor])];
  const bytes = allocate(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Tag and length, the length as a varint: seven bits a byte, the lowest first, the eighth bit says that more follow. */
function fieldHeadOf(tensor: Uint8Array): Uint8Array {
  const head = [rawContentsTag];
  let rest = tensor.length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) head.push((rest % 128) | 0x80);
  return Uint8Array.from([...head, rest]);
}
