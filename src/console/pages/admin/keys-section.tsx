import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { ApiKeyView } from "../../../review/contract/admin.ts";
import { readKeys, revokeKey } from "../../api/admin-api.ts";
import { serverNow } from "../../api/server-clock.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Empty, Failed, Outlines } from "../../components/panel-states.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { adminText } from "../../strings/admin.en.ts";
import { formatDateTime, formatDay } from "../../strings/format.en.ts";
import { CreateKeyDialog } from "./create-key-dialog.tsx";

const text = adminText.key;

/** Keys for machines: their scopes, their end, and when they were last used. */
export function KeysSection() {
  const { data, error, refetch } = useQuery({ queryKey: ["keys"], queryFn: readKeys });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyView | null>(null);
  if (!data)
    return error ? (
      <Failed what={adminText.failed} error={error} onRetry={() => void refetch()} />
    ) : (
      <Outlines rows={4} />
    );
  return (
    <>
      <div>
        <button type="button" onClick={() => setCreating(true)}>
          {text.create}
        </button>
      </div>
      {data.length === 0 ? (
        <Empty>{text.none}</Empty>
      ) : (
        <DataTable
          label={adminText.section.keys}
          columns={[
            { name: text.name },
            { name: text.scopes },
            { name: text.expires },
            { name: text.lastUsed },
            { name: text.state },
            { name: text.actions },
          ]}
          rows={data.map((key) => ({
            key: key.id,
            cells: [
              <PlainName key="name">{key.name}</PlainName>,
              key.scopes.join(", "),
              formatDay(key.expiresAt),
              key.lastUsedAt ? formatDateTime(key.lastUsedAt) : text.never,
              <span key="state" class={stateOf(key) === "active" ? "live" : "muted"}>
                {text.states[stateOf(key)]}
              </span>,
              stateOf(key) === "active" && (
                <button
                  key="revoke"
                  type="button"
                  aria-label={text.revokeLabel(key.name)}
                  onClick={() => setRevoking(key)}
                >
                  {text.revoke}
                </button>
              ),
            ],
          }))}
        />
      )}
      {creating && (
        <CreateKeyDialog
          onClose={() => {
            setCreating(false);
            void refetch();
          }}
        />
      )}
      {revoking && (
        <ConfirmDialog
          title={text.revokeTitle(revoking.name)}
          words={text.revokeWords}
          submit={text.revokeSubmit}
          onSubmit={async () => {
            await revokeKey(revoking.id);
            setRevoking(null);
            void refetch();
          }}
          onClose={() => setRevoking(null)}
        />
      )}
    </>
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKeyView): keyof typeof text.states {
  if (revokedAt) return "revoked";
  return Date.parse(expiresAt) <= serverNow() ? "expired" : "active";
}
