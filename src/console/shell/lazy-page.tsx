import type { ComponentType } from "preact";
import lazy from "preact-iso/lazy";
import { Failed } from "../components/panel-states.tsx";
import { shellText } from "../strings/shell.en.ts";

const reloadedKey = "briareus-reloaded-at";
const againAfterMs = 60_000;

/**
 * A page whose code comes when it is first opened. Where it cannot be had, because the network changed or a newer
 * version has replaced it, the browser loads everything anew; if that was done a moment ago, the person is asked.
 */
export function lazyPage<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  return lazy(() =>
    load().catch((): { default: ComponentType<Props> } => {
      const now = Date.now();
      if (now - Number(sessionStorage.getItem(reloadedKey)) < againAfterMs) return { default: NotLoaded };
      sessionStorage.setItem(reloadedKey, String(now));
      location.reload();
      return { default: Nothing };
    }),
  );
}

const Nothing = () => <main class="page" id="content" />;

const NotLoaded = () => (
  <main class="page" id="content">
    <Failed what={shellText.notLoaded} error={null} onRetry={() => location.reload()} />
  </main>
);
