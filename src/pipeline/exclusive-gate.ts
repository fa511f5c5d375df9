/** Lets many shared holders in at once, or one exclusive holder alone. A waiting exclusive one goes first. */
export interface ExclusiveGate {
  shared<T>(work: () => Promise<T>): Promise<T>;
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

export function createExclusiveGate(): ExclusiveGate {
  let sharedHolders = 0;
  let exclusiveHeld = false;
  const waitingExclusive: (() => void)[] = [];
  let waitingShared: (() => void)[] = [];

  const admit = () => {
    if (exclusiveHeld) return;
    if (waitingExclusive.length > 0) {
      if (sharedHolders > 0) return;
      exclusiveHeld = true;
      waitingExclusive.shift()?.();
      return;
    }
    sharedHolders += waitingShared.length;
    const admitted = waitingShared;
    waitingShared = [];
    for (const enter of admitted) enter();
  };

  return {
    async shared(work) {
      await new Promise<void>((enter) => {
        waitingShared.push(enter);
        admit();
      });
      try {
        return await work();
      } finally {
        sharedHolders -= 1;
        admit();
      }
    },
    async exclusive(work) {
      await new Promise<void>((enter) => {
        waitingExclusive.push(enter);
        admit();
      });
      try {
        return await work();
      } finally {
        exclusiveHeld = false;
        admit();
      }
    },
  };
}
