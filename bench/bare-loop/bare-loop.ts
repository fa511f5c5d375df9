import { fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";

const Report = z.object({ captures: z.number(), seconds: z.number(), cpuMs: z.number() });

export interface BareLoopResult {
  capturesPerSecond: number;
  cpuMsPerCapture: number;
}

/** What this machine can do at most: a process per core that only decodes and scores. */
export async function benchBareLoop(options: {
  model: string;
  cores: number;
  seconds: number;
}): Promise<BareLoopResult> {
  const loops = Array.from({ length: options.cores }, () =>
    fork(new URL("loop.ts", import.meta.url), [options.model, String(options.seconds)]),
  );
  await Promise.all(loops.map((loop) => once(loop, "message")));
  const reports = Promise.all(loops.map(async (loop) => Report.parse((await once(loop, "message"))[0])));
  for (const loop of loops) loop.send("go");
  const all = await reports;
  const sum = (pick: (report: z.infer<typeof Report>) => number) =>
    all.reduce((total, report) => total + pick(report), 0);
  return {
    capturesPerSecond: sum((report) => report.captures / report.seconds),
    cpuMsPerCapture: sum((report) => report.cpuMs) / sum((report) => report.captures),
  };
}
