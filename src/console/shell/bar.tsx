import { useLocation } from "preact-iso/router";
import { connection } from "../api/connection.ts";
import { tickMs } from "../api/server-clock.ts";
import { CommandButton } from "../components/command-button.tsx";
import { mayActAs, me } from "../session/me.ts";
import { formatShare } from "../strings/format.en.ts";
import { shellText } from "../strings/shell.en.ts";
import { onBreak, toggleBreak } from "./break.ts";
import { openLayer } from "./layers.tsx";
import { homePath, mayOpen, pageNames, pages } from "./pages.ts";
import { PersonMenu } from "./person-menu.tsx";
import { waiting } from "./waiting.ts";
import "./bar.css";

/** The top of every page: where one can go, how things stand, who one is. */
export function Bar() {
  const { path } = useLocation();
  return (
    <header class="bar">
      <a class="bar-home" href={homePath()}>
        {shellText.product}
      </a>
      <nav aria-label={shellText.pages}>
        {pageNames.filter(mayOpen).map((name) => (
          <a key={name} href={pages[name].path} aria-current={path.startsWith(pages[name].path) ? "page" : undefined}>
            {shellText.page[name]}
          </a>
        ))}
      </nav>
      <ConnectionMark />
      <WaitingCounts />
      <div class="bar-end">
        {mayActAs("moderator") && (
          <CommandButton command="review.break" class="plain" pressed={onBreak.value !== null} onPress={toggleBreak}>
            {shellText.break}
          </CommandButton>
        )}
        <CommandButton command="list.keys" class="plain" onPress={() => openLayer("keys")}>
          {shellText.keys}
        </CommandButton>
        {me.value && <PersonMenu me={me.value} />}
      </div>
    </header>
  );
}

function ConnectionMark() {
  const now = connection.value;
  return (
    <span class="bar-connection" data-connection={now}>
      <span aria-hidden="true">{now === "connected" ? "●" : now === "lost" ? "✕" : "◌"}</span>{" "}
      <span class="unseen">{shellText.connectionLabel}: </span>
      {shellText.connection[now]}
    </span>
  );
}

function WaitingCounts() {
  const now = waiting.value;
  if (!now) return <span class="bar-waiting" />;
  return (
    <span class="bar-waiting muted cut">
      {now.flood ? (
        <span class="bar-flood">
          {shellText.flood(now.count, formatShare(now.flood.share), now.flood.category, now.flood.policyVersion)}
        </span>
      ) : (
        shellText.waiting(now.count)
      )}
      {now.oldestSevereAt && <OldestSevere at={now.oldestSevereAt} />}
    </span>
  );
}

function OldestSevere({ at }: { at: string }) {
  return <> · {shellText.oldestSevere(tickMs.value - Date.parse(at))}</>;
}
