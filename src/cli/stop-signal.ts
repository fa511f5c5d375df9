/** npm passes Ctrl-C on to a process that the terminal has told already: that is one wish, not two. */
const sameWishMs = 1_000;

/**
 * Resolves with the name of what asks this process to stop. Asked again later, by a person who does not want to
 * wait for the drain, the process ends at once.
 * @param signals SIGHUP is not among them by default: to postprocess it means to read its policy again
 */
export function stopSignal(signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"]): Promise<string> {
  return new Promise((resolve) => {
    let askedAtMs = 0;
    for (const name of signals) {
      process.on(name, () => {
        if (askedAtMs > 0 && Date.now() - askedAtMs > sameWishMs) process.exit(1);
        askedAtMs ||= Date.now();
        resolve(name);
      });
    }
    process.once("disconnect", () => resolve("the supervisor is gone"));
  });
}
