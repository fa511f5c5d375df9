import { useState } from "preact/hooks";
import type { Scope } from "../../../review/access/roles.ts";
import { createKey } from "../../api/admin-api.ts";
import { RequestError } from "../../api/request-error.ts";
import { Dialog } from "../../components/dialog.tsx";
import { adminText } from "../../strings/admin.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { KeySecret } from "./key-secret.tsx";

const text = adminText.key;
const usualDays = "90";
const mostDays = 730;
const longestName = 80;

/** Makes a key; its secret is shown once, in the same dialog. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>([]);
  const [days, setDays] = useState(usualDays);
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const submit = async () => {
    const obstacle = obstacleOf(name, scopes, days);
    setProblem(obstacle);
    if (obstacle || sending) return;
    setSending(true);
    try {
      const created = await createKey({ name: name.trim(), scopes, expiresInDays: Number(days) });
      setSecret(created.secret);
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : shellText.unexpected);
    }
    setSending(false);
  };
  if (secret !== null) return <KeySecret secret={secret} onClose={onClose} />;
  return (
    <Dialog
      title={text.createTitle}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            {shellText.cancel}
          </button>
          <button type="button" class="primary" aria-disabled={sending} onClick={submit}>
            {text.submit}
          </button>
        </>
      }
    >
      <label class="above">
        {text.name}
        <input
          required
          maxLength={longestName}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <fieldset class="stack">
        <legend>{text.scopes}</legend>
        {allScopes.map((scope) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
              }
            />
            {adminText.scope[scope]}
          </label>
        ))}
      </fieldset>
      <label class="above">
        {text.expiresIn}
        <input
          inputMode="numeric"
          autocomplete="off"
          value={days}
          onInput={(event) => setDays(event.currentTarget.value)}
        />
      </label>
      {problem && <p role="alert">{problem}</p>}
    </Dialog>
  );
}

const allScopes = ["ingest", "read", "export", "ops"] as const satisfies Scope[];

function obstacleOf(name: string, scopes: readonly Scope[], days: string): string | null {
  if (name.trim() === "" || name.trim().length > longestName) return text.needName;
  if (scopes.length === 0) return text.needScope;
  return /^\d{1,3}$/.test(days.trim()) && Number(days) >= 1 && Number(days) <= mostDays ? null : text.needDays;
}
