import { randomBytes } from "node:crypto";
import { invalidArgument } from "./rpc-error.ts";

/** Writes and reads the ack ids of one subscription. */
export interface AckIds {
  format(sequence: number, lease: number): string;
  /**
   * undefined: the id is of another subscription, or of an emulator that ran before.
   * @throws RpcError INVALID_ARGUMENT if no Pub/Sub emulator of ours ever wrote it
   */
  parse(ackId: string): { sequence: number; lease: number } | undefined;
}

const pattern = /^([\w-]{8}):(\d{1,15}):(\d{1,15})$/;

export function createAckIds(): AckIds {
  const tag = randomBytes(6).toString("base64url");
  return {
    format: (sequence, lease) => `${tag}:${sequence}:${lease}`,
    parse(ackId) {
      const match = pattern.exec(ackId);
      if (!match) throw invalidArgument(`malformed ack id ${JSON.stringify(ackId.slice(0, 100))}`);
      return match[1] === tag ? { sequence: Number(match[2]), lease: Number(match[3]) } : undefined;
    },
  };
}
