/** What a system under test says of a capture. */
export interface Answer {
  /** "clean" or "flagged"; anything else is a failure. */
  verdict: string;
  scores: Record<string, number>;
}

/** Sends the capture of that number; resolves with its answer. */
export type Send = (number: number) => Promise<Answer>;

/** One capture of a load: when it was to arrive, and when its answer came, in milliseconds from the load's start. */
export interface Sample {
  atMs: number;
  /** null: it failed, or no answer came before the load was given up. */
  answeredAtMs: number | null;
}

/** Latenesses of timers count as latency: it runs from the intended arrival. */
const tickMs = 2;

/**
 * Sends each capture when it is due and never waits for answers, so that a slow system is not spared.
 * @param giveUpMs after the last arrival, for answers that are still out
 */
export async function openLoop(
  send: Send,
  arrivalsMs: readonly number[],
  { giveUpMs, firstNumber }: { giveUpMs: number; firstNumber: number },
): Promise<Sample[]> {
  const startedAtMs = performance.now();
  const samples = arrivalsMs.map((atMs): Sample => ({ atMs, answeredAtMs: null }));
  const answers: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now() - startedAtMs;
      for (let next = answers.length; (samples[next]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs; next++)
        answers.push(ask(send, firstNumber + next, samples[next], startedAtMs));
      if (answers.length < samples.length) return;
      clearInterval(timer);
      resolve();
    }, tickMs);
  });
  const giveUp = Promise.withResolvers<void>();
  const limit = setTimeout(giveUp.resolve, giveUpMs);
  await Promise.race([Promise.all(answers), giveUp.promise]);
  clearTimeout(limit);
  return samples.map((sample) => ({ ...sample })); // Later answers change nothing.
}

async function ask(send: Send, number: number, sample: Sample | undefined, startedAtMs: number): Promise<void> {
  const answer = await send(number).catch(() => undefined);
  if (sample && (answer?.verdict === "clean" || answer?.verdict === "flagged"))
    sample.answeredAtMs = performance.now() - startedAtMs;
}
