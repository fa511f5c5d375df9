/** As much of a cluster's DNS as finding Services takes: addresses of names, over UDP (RFC 1035). */
import { createSocket } from "node:dgram";

export interface NameServer {
  /** Content of /etc/resolv.conf for pods of a namespace, as a kubelet writes it. */
  resolverFor(namespace: string): string;
  set(addresses: ReadonlyMap<string, readonly string[]>): void;
  /** Of a whole name. */
  addresses(name: string): readonly string[];
  close(): void;
}

const typeA = 1;
const noSuchName = 3;

/** Listens on port 53, which needs root, of an address of the loopback network that nobody else has taken. */
export async function startNameServer(): Promise<NameServer> {
  let known: ReadonlyMap<string, readonly string[]> = new Map();
  const socket = createSocket("udp4");
  const random = () => 1 + Math.floor(Math.random() * 254);
  const address = `127.${random()}.${random()}.53`;
  socket.on("message", (question, peer) => socket.send(answerTo(question, known), peer.port, peer.address));
  await new Promise<void>((listening, failed) => {
    socket.once("error", failed);
    socket.bind(53, address, listening);
  });
  return {
    resolverFor: (namespace) =>
      `nameserver ${address}\nsearch ${namespace}.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n`,
    set: (addresses) => {
      known = addresses;
    },
    addresses: (name) => known.get(name) ?? [],
    close: () => void socket.close(),
  };
}

/** A name without addresses is one that nobody has. */
function answerTo(question: Buffer, known: ReadonlyMap<string, readonly string[]>): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = question.readUInt8(at); length > 0; length = question.readUInt8(at)) {
    labels.push(question.toString("ascii", at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const end = at + 5; // The label of length 0, type and class.
  const addresses = known.get(labels.join(".")) ?? [];
  const answers = question.readUInt16BE(at + 1) === typeA ? addresses : [];
  const header = Buffer.alloc(12);
  header.writeUInt16BE(question.readUInt16BE(0), 0);
  header.writeUInt16BE(0x8580 | (addresses.length === 0 ? noSuchName : 0), 2); // An authority's answer, recursion too.
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  const records = answers.map((each) =>
    // Its name is that of the question; type A, class IN, for a second, four bytes.
    Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4, ...each.split(".").map(Number)]),
  );
  return Buffer.concat([header, question.subarray(12, end), ...records]);
}
