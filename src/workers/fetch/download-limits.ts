import pLimit, { type LimitFunction } from "p-limit";

/** Bodies above 2 MB that are held in memory at a time. */
const largeBodies = 6;

export interface DownloadLimits {
  /** Runs a download when its host and the process have room for it. */
  run<T>(host: string, download: () => Promise<T>): Promise<T>;
  /** Runs the task when one more large body may be held. */
  takeTurn(task: () => Promise<void>): void;
  /** Changes the limits for what starts from now on, and what waits. */
  change(limits: { concurrency: number; perHostConcurrency: number }): void;
}

/**
 * Limits per process and per host. A download waits for its host first: waiting the other way around, downloads from
 * a slow host would sit on the process's room and starve the fast ones.
 */
export function createDownloadLimits(limits: { concurrency: number; perHostConcurrency: number }): DownloadLimits {
  const ofProcess = pLimit(limits.concurrency);
  const large = pLimit(largeBodies);
  const hosts = new Map<string, { limit: LimitFunction; downloads: number }>();
  let perHost = limits.perHostConcurrency;

  function enter(host: string) {
    const known = hosts.get(host) ?? { limit: pLimit(perHost), downloads: 0 };
    known.downloads += 1;
    hosts.set(host, known);
    return known;
  }

  return {
    async run(host, download) {
      const ofHost = enter(host);
      try {
        return await ofHost.limit(() => ofProcess(download));
      } finally {
        ofHost.downloads -= 1;
        if (ofHost.downloads === 0) hosts.delete(host);
      }
    },
    takeTurn(task) {
      void large(task);
    },
    change({ concurrency, perHostConcurrency }) {
      if (ofProcess.concurrency !== concurrency) ofProcess.concurrency = concurrency;
      if (perHost === perHostConcurrency) return;
      perHost = perHostConcurrency;
      for (const { limit } of hosts.values()) limit.concurrency = perHost;
    },
  };
}
