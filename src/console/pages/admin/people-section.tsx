import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Role, Scope } from "../../../review/access/roles.ts";
import type { UserView } from "../../../review/contract/admin.ts";
import { changeUser, readUsers } from "../../api/admin-api.ts";
import { RequestError } from "../../api/request-error.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { mayActAs, me } from "../../session/me.ts";
import { adminText } from "../../strings/admin.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { PersonScopes } from "./person-scopes.tsx";

const text = adminText.person;
const roles = ["viewer", "moderator", "lead", "admin"] as const satisfies Role[];

/** People with their roles; leads read them, admins change them. Who is at their limit is said, and nothing more. */
export function PeopleSection() {
  const { data, error, refetch } = useQuery({ queryKey: ["users"], queryFn: readUsers });
  const [message, setMessage] = useState("");
  const [ending, setEnding] = useState<UserView | null>(null);
  const mayChange = mayActAs("admin");
  if (!data)
    return error ? (
      <Failed what={adminText.failed} error={error} onRetry={() => void refetch()} />
    ) : (
      <Outlines rows={6} />
    );
  const change = async (person: UserView, changes: { role?: Role; scopes?: Scope[]; disabled?: boolean }) => {
    try {
      await changeUser(person.id, changes);
      setMessage(text.changed(person.name));
    } catch (failure) {
      const why = failure instanceof RequestError ? failure.message : shellText.unexpected;
      setMessage(`${adminText.notSaved} ${why}`);
    }
    await refetch();
  };
  const atLimit = data.filter((person) => person.atLimit).length;
  return (
    <>
      {!mayChange && <p class="muted">{adminText.readOnly}</p>}
      {atLimit > 0 && <p>{text.atLimitCount(atLimit)}</p>}
      <p role="status" class="admin-message">
        {message}
      </p>
      <DataTable
        label={adminText.section.people}
        columns={[{ name: text.name }, { name: text.role }, { name: text.scopes }, { name: text.access }]}
        rows={data.map((person) => ({
          key: person.id,
          cells: [
            <Name key="name" person={person} />,
            mayChange ? (
              <select
                key="role"
                aria-label={text.roleOf(person.name)}
                value={person.role}
                onChange={(event) => {
                  const role = roles.find((one) => one === event.currentTarget.value);
                  if (role) void change(person, { role });
                }}
              >
                {roles.map((role) => (
                  <option key={role} value={role}>
                    {adminText.role[role]}
                  </option>
                ))}
              </select>
            ) : (
              adminText.role[person.role]
            ),
            <PersonScopes
              key="scopes"
              person={person}
              mayChange={mayChange}
              onChange={(scopes) => void change(person, { scopes })}
            />,
            <Access
              key="access"
              person={person}
              mayChange={mayChange && person.id !== me.value?.user.id}
              onEnd={() => setEnding(person)}
              onGive={() => void change(person, { disabled: false })}
            />,
          ],
        }))}
      />
      {ending && (
        <ConfirmDialog
          title={text.endTitle(ending.name)}
          words={text.endWords}
          submit={text.end}
          onSubmit={async () => {
            await changeUser(ending.id, { disabled: true });
            setEnding(null);
            setMessage(text.changed(ending.name));
            await refetch();
          }}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
}

function Name({ person }: { person: UserView }) {
  return (
    <>
      <PlainName>{person.name}</PlainName>{" "}
      <span class="muted small">
        {person.id === me.value?.user.id && `${text.you} · `}
        <PlainName>{person.subject}</PlainName>
        {person.atLimit && ` · ${text.atLimit}`}
      </span>
    </>
  );
}

interface AccessProps {
  person: UserView;
  mayChange: boolean;
  onEnd: () => void;
  onGive: () => void;
}

function Access({ person, mayChange, onEnd, onGive }: AccessProps) {
  const words = <span class={person.disabled ? "muted" : undefined}>{person.disabled ? text.off : text.on}</span>;
  if (!mayChange) return words;
  return (
    <span class="row person-access">
      {words}
      {person.disabled ? (
        <button type="button" aria-label={text.giveOf(person.name)} onClick={onGive}>
          {text.give}
        </button>
      ) : (
        <button type="button" aria-label={text.endOf(person.name)} onClick={onEnd}>
          {text.end}
        </button>
      )}
    </span>
  );
}
