/** What is said to assistive technology: one polite and one assertive region for the whole page. */
import { signal } from "@preact/signals";

const polite = signal({ text: "", turn: 0 });
const assertive = signal({ text: "", turn: 0 });

/** Said when the person pauses. */
export function announce(text: string): void {
  polite.value = { text, turn: polite.peek().turn + 1 };
}

/** Said at once: a hold or the connection was lost, nothing else. */
export function announceNow(text: string): void {
  assertive.value = { text, turn: assertive.peek().turn + 1 };
}

export function LiveRegions() {
  return (
    <>
      <div class="unseen" role="status" aria-live="polite" data-live="polite">
        <span key={polite.value.turn}>{polite.value.text}</span>
      </div>
      <div class="unseen" role="alert" aria-live="assertive" data-live="assertive">
        <span key={assertive.value.turn}>{assertive.value.text}</span>
      </div>
    </>
  );
}
