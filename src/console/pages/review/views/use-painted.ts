import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { keysDown } from "../../../keys/key-listener.ts";
import type { ReviewSession } from "../session/review-session.ts";

/**
 * Tells when the incident on the stage stands on the screen: its cover is decoded and a frame has been drawn since.
 * Until then no key acts on it.
 */
export function usePainted(
  session: ReviewSession,
  token: number,
  coverReady: boolean,
  element: RefObject<HTMLElement | null>,
): void {
  useLayoutEffect(() => {
    if (!coverReady) return;
    let current = true;
    const drawn = () => {
      if (!current) return;
      const anyKeyDown = keysDown.peek().size > 0;
      session.dispatch({ type: "painted", token, atMs: performance.now(), anyKeyDown });
    };
    const picture = element.current?.querySelector("img");
    const decoded = picture ? picture.decode().catch(() => {}) : Promise.resolve();
    // The second frame begins when the first has been drawn.
    decoded.then(() => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    return () => {
      current = false;
    };
  }, [session, token, coverReady, element]);
}
