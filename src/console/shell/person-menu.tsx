import { useEffect, useId, useState } from "preact/hooks";
import type { Severity } from "../../capture/verdict.ts";
import type { Exposure, Me } from "../../review/contract/me.ts";
import { request } from "../api/request.ts";
import { readExposure } from "../api/review-api.ts";
import { PlainName } from "../components/plain-name.tsx";
import { openSession } from "../session/me.ts";
import { shellText } from "../strings/shell.en.ts";
import { openLayer } from "./layers.tsx";
import "./person-menu.css";

const severities = ["severe", "high", "medium", "low"] as const satisfies Severity[];

/** Who is signed in: preferences, what they have seen today, and the way out. */
export function PersonMenu({ me }: { me: Me }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="plain" popovertarget={id} aria-label={shellText.menu(me.user.name)}>
        <PlainName>{me.user.name}</PlainName> <span aria-hidden="true">▾</span>
      </button>
      <div id={id} popover="auto" class="person-menu" onToggle={(event) => setOpen(event.newState === "open")}>
        <p>
          <strong>
            <PlainName>{me.user.name}</PlainName>
          </strong>
          <br />
          <span class="muted">{shellText.role[me.user.role]}</span>
        </p>
        {open && <Seen />}
        <button type="button" popovertarget={id} onClick={() => openLayer("preferences")}>
          {shellText.preferences}
        </button>
        <button type="button" popovertarget={id} onClick={() => openLayer("commands")}>
          {shellText.commands}
        </button>
        <button type="button" onClick={signOut}>
          {shellText.signOut}
        </button>
      </div>
    </>
  );
}

function Seen() {
  const [exposure, setExposure] = useState<Exposure | null>(null);
  useEffect(() => {
    readExposure().then(setExposure, () => setExposure(null));
  }, []);
  const seen = severities.filter((severity) => (exposure?.today[severity] ?? 0) > 0);
  return (
    <section class="stack" aria-label={shellText.exposureTitle}>
      <p class="muted small">{shellText.exposureTitle}</p>
      <ul class="bare">
        {exposure && seen.length === 0 && <li>{shellText.exposureNone}</li>}
        {seen.map((severity) => (
          <li key={severity}>{shellText.exposure(severity, exposure?.today[severity] ?? 0)}</li>
        ))}
      </ul>
    </section>
  );
}

async function signOut(): Promise<void> {
  await request("/auth/sign-out", { method: "POST", waitForSignIn: false }).catch(() => {});
  await openSession();
}
