import { useState } from "preact/hooks";
import { Dialog } from "../../components/dialog.tsx";
import { adminText } from "../../strings/admin.en.ts";
import { shellText } from "../../strings/shell.en.ts";

const text = adminText.key;

/** The secret of a new key, this once. */
export function KeySecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <Dialog
      title={text.secretTitle}
      onClose={onClose}
      actions={
        <button type="button" class="primary" onClick={onClose}>
          {shellText.close}
        </button>
      }
    >
      <p>{text.secretWords}</p>
      <label class="above">
        {text.secret}
        <input class="key-secret" readOnly value={secret} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <div class="row">
        <button type="button" onClick={copy}>
          {text.copy}
        </button>
        <span role="status">{copied && text.copied}</span>
      </div>
    </Dialog>
  );
}
