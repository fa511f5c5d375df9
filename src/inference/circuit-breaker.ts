/**
 * Keeps callers away from a server that is away.
 *
 *     closed ──failed()──► open ──delay──► half-open (one probe) ──answers──► closed
 *                           ▲                   │
 *                           └────does not───────┘
 *
 * Nothing but a probe closes it, so a stage's requests are never spent on finding out. The first probe follows
 * at once, since another server of the same name may be up; each further one waits longer, until a real request
 * has succeeded.
 */
export interface CircuitBreaker {
  readonly state: "closed" | "open" | "half-open";
  /** The server could not be reached, or is stopping. */
  failed(reason: string): void;
  /** The server answered a request. */
  succeeded(): void;
  /**
   * Waits until requests may be sent.
   * @param options.untilMs milliseconds since 1970
   * @returns false when that time came first, `signal` was aborted or the breaker was stopped
   */
  whenClosed(options: { untilMs: number; signal?: AbortSignal }): Promise<boolean>;
  /** Ends probing; whoever waits gets false. */
  stop(): void;
}

export function createCircuitBreaker(options: {
  probe: () => Promise<boolean>;
  probeDelaysMs?: readonly number[];
  onOpen?: (reason: string) => void;
  onClose?: (openMs: number) => void;
  now?: () => number;
}): CircuitBreaker {
  const { probe, probeDelaysMs = [0, 250, 500, 1000], now = Date.now } = options;
  const waiting = new Set<(closed: boolean) => void>();
  let state: CircuitBreaker["state"] = "closed";
  let stopped = false;
  let probes = 0;
  let openedAtMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const probeLater = () => {
    const delayMs = probeDelaysMs[Math.min(probes++, probeDelaysMs.length - 1)] ?? 0;
    timer = setTimeout(probeNow, delayMs);
  };

  const probeNow = async () => {
    state = "half-open";
    const answers = await probe().catch(() => false);
    if (stopped) return;
    state = answers ? "closed" : "open";
    if (!answers) return probeLater();
    options.onClose?.(now() - openedAtMs);
    release(true);
  };

  const release = (closed: boolean) => {
    for (const settle of [...waiting]) settle(closed);
  };

  return {
    get state() {
      return state;
    },
    failed(reason) {
      if (state !== "closed" || stopped) return;
      state = "open";
      openedAtMs = now();
      options.onOpen?.(reason);
      probeLater();
    },
    succeeded() {
      if (state === "closed") probes = 0;
    },
    async whenClosed({ untilMs, signal }) {
      if (signal?.aborted || stopped) return false;
      if (state === "closed") return true;
      if (untilMs <= now()) return false;
      return await new Promise((resolve) => {
        const settle = (closed: boolean) => {
          clearTimeout(limit);
          signal?.removeEventListener("abort", giveUp);
          waiting.delete(settle);
          resolve(closed);
        };
        const giveUp = () => settle(false);
        const limit = setTimeout(giveUp, untilMs - now());
        signal?.addEventListener("abort", giveUp);
        waiting.add(settle);
      });
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      release(false);
    },
  };
}
