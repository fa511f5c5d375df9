/**
 * What the model servers say of the models' versions (KServe v2, ModelStatistics and RepositoryIndex): their counters only
 * grow, so that two readings give the figures of the time between them. Every address behind the name is asked; behind a
 * proxy that balances, whichever server answers, and then a reading that is lower than the last one says nothing.
 */
import { lookup } from "node:dns/promises";
import type { ModelStatistics } from "../../inference/protocol.ts";
import { createUnaryCalls, type UnaryCalls } from "../../inference/unary-calls.ts";
import type { ModelFigures, Models } from "../contract/ops.ts";
import { modelFigures, type ServerReading } from "./model-figures.ts";

export interface ModelWatch {
  /** Asks all servers. Never throws: what went wrong is in the answer's `problem`. */
  read(): Promise<Models>;
  close(): void;
}

const windowMs = 60_000;
const answerMs = 2_000;
const maxMessageBytes = 4 << 20;

/** @param address HOST:PORT of the model server */
export function createModelWatch(address: string, now: () => number): ModelWatch {
  const servers = new Map<string, { calls: UnaryCalls; readings: ServerReading[] }>();
  let latest: ModelFigures[] = [];
  let latestAtMs: number | null = null;

  const meet = async () => {
    const addresses = await addressesOf(address);
    for (const each of addresses)
      if (!servers.has(each))
        servers.set(each, { calls: createUnaryCalls({ address: each, maxMessageBytes }), readings: [] });
    for (const [each, { calls }] of servers) {
      if (addresses.includes(each)) continue;
      calls.close();
      servers.delete(each);
    }
  };

  const ask = async (server: { calls: UnaryCalls; readings: ServerReading[] }) => {
    const atMs = now();
    const reading = { atMs, ...(await readServer(server.calls, Date.now() + answerMs)) };
    const last = server.readings.at(-1);
    const continues = last !== undefined && !hasShrunk(last.statistics, reading.statistics);
    server.readings = [...(continues ? server.readings.filter((each) => atMs - each.atMs <= windowMs) : []), reading];
  };

  return {
    async read() {
      try {
        await meet();
        const asked = await Promise.allSettled([...servers.values()].map(ask));
        const refused = asked.find((each) => each.status === "rejected");
        if (refused && !asked.some(({ status }) => status === "fulfilled")) throw refused.reason;
        const answering = [...servers.values()].filter((_, index) => asked[index]?.status === "fulfilled");
        latest = modelFigures(answering.map(({ readings }) => readings));
        latestAtMs = now();
        return { at: new Date(latestAtMs).toISOString(), models: latest, problem: null };
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        return { at: latestAtMs === null ? null : new Date(latestAtMs).toISOString(), models: latest, problem };
      }
    },
    close() {
      for (const { calls } of servers.values()) calls.close();
      servers.clear();
    },
  };
}

async function readServer(calls: UnaryCalls, deadlineAtMs: number): Promise<Omit<ServerReading, "atMs">> {
  const limit = { deadlineAtMs };
  const [{ model_stats: statistics }, { models: index }] = await Promise.all([
    calls.call("ModelStatistics", { name: "" }, limit),
    calls.call("RepositoryIndex", { ready: false }, limit),
  ]);
  return { statistics, index };
}

/** A server that was started again, or another one behind the same proxy. */
function hasShrunk(before: readonly ModelStatistics[], now: readonly ModelStatistics[]): boolean {
  return before.some((old) => {
    const same = now.find(({ name, version }) => name === old.name && version === old.version);
    return same !== undefined && same.inference_count < old.inference_count;
  });
}

/** Each address of the name, with the port. Of a server that has addresses of both kinds one is enough. */
async function addressesOf(address: string): Promise<string[]> {
  const colon = address.lastIndexOf(":");
  const [host, port] = [address.slice(0, colon).replace(/^\[|\]$/g, ""), address.slice(colon + 1)];
  const found = await lookup(host, { all: true });
  const old = found.filter(({ family }) => family === 4);
  return (old.length > 0 ? old : found).map(({ address: ip, family }) =>
    family === 6 ? `[${ip}]:${port}` : `${ip}:${port}`,
  );
}
