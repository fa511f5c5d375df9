import { Writable } from "node:stream";
import { Command } from "ioredis";

/** Below this size joining is cheaper than handing over three pieces. */
const worthSplittingBytes = 16_384;

/**
 * `SET key bytes [PX ttl]` that hands large bytes to the socket as they are. ioredis would join them with the rest of
 * the command into a new buffer: a copy of every picture and tensor.
 */
export function setCommand(key: string, bytes: Uint8Array, ttlMs: number | undefined): Command {
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expiry = ttlMs === undefined ? [] : ["PX", String(Math.max(1, Math.ceil(ttlMs)))];
  const command = new Command("set", [key, payload, ...expiry]);
  if (payload.length < worthSplittingBytes) return command;

  const joined = command.toWritable.bind(command);
  // ioredis passes the socket and writes to it what is returned, so all but the end is written here.
  command.toWritable = (socket) => {
    if (!(socket instanceof Writable)) return joined(socket);
    socket.cork();
    process.nextTick(() => socket.uncork());
    socket.write(`*${3 + expiry.length}\r\n$3\r\nset\r\n${bulk(key)}$${payload.length}\r\n`);
    socket.write(payload);
    return `\r\n${expiry.map(bulk).join("")}`;
  };
  return command;
}

/** A bulk string of the Redis protocol (RESP). */
function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}
