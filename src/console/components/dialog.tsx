import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { shellText } from "../strings/shell.en.ts";
import "./dialog.css";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons at its foot; without them there is one that closes. */
  actions?: ComponentChildren;
  wide?: boolean;
  /** It is read, and has nothing to press: the arrow keys scroll it. */
  reading?: boolean;
}

/** A modal dialog, open while mounted. Esc and its buttons close it; the focus returns to where it was. */
export function Dialog({ title, onClose, children, actions, wide, reading }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    const dialog = element.current;
    const cancel = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    dialog?.addEventListener("cancel", cancel);
    return () => dialog?.removeEventListener("cancel", cancel);
  }, []);
  return (
    <dialog ref={element} class={wide ? "dialog wide" : "dialog"} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div class="dialog-body" tabIndex={reading ? 0 : undefined}>
        {children}
      </div>
      <div class="dialog-actions">
        {actions ?? (
          <button type="button" onClick={onClose}>
            {shellText.close}
          </button>
        )}
      </div>
    </dialog>
  );
}
