/**
 * One tab of a browser reviews at a time: it holds a Web Lock. Another one that wants to waits in line, says so, and
 * may move Review to itself, which takes the lock away from the first.
 */
const name = "briareus-review";

export interface OneTab {
  moveHere(): void;
  stop(): void;
}

export function holdReviewTab(told: { here: () => void; elsewhere: () => void }): OneTab {
  let stopped = false;
  let letGo = () => {};
  let waiting: AbortController | null = null;

  const hold = () => {
    told.here();
    return new Promise<void>((resolve) => {
      letGo = resolve;
    });
  };
  const lost = () => {
    if (stopped) return;
    told.elsewhere();
    waitInLine();
  };
  const waitInLine = () => {
    const mine = new AbortController();
    waiting = mine;
    navigator.locks.request(name, { signal: mine.signal }, hold).catch(() => {
      // Either nobody waits any more, or the lock was had and taken away.
      if (!mine.signal.aborted) lost();
    });
  };
  navigator.locks
    .request(name, { ifAvailable: true }, (lock) => {
      if (lock) return hold();
      lost();
      return undefined;
    })
    .catch(lost);

  return {
    moveHere() {
      waiting?.abort();
      navigator.locks.request(name, { steal: true }, hold).catch(lost);
    },
    stop() {
      stopped = true;
      waiting?.abort();
      letGo();
    },
  };
}
