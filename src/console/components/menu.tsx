import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import "./menu.css";

interface Props {
  label: ComponentChildren;
  children: ComponentChildren;
  /** Says that something in it is chosen. */
  chosen?: boolean;
}

/** A button with a panel under it. Esc and a click elsewhere close it; the focus returns to the button. */
export function Menu({ label, children, chosen }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  return (
    <>
      <button ref={button} type="button" class="menu-button" popovertarget={id} data-chosen={chosen}>
        {label} <span aria-hidden="true">▾</span>
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        class="menu"
        onBeforeToggle={(event) => {
          if (event.newState === "open" && button.current && panel.current) place(button.current, panel.current);
        }}
      >
        {children}
      </div>
    </>
  );
}

const edgePx = 12;
const widestPx = 320;

/** Under the button, moved left where it would leave the window. */
function place(button: HTMLElement, panel: HTMLElement): void {
  const { left, bottom } = button.getBoundingClientRect();
  const room = document.documentElement.clientWidth - Math.min(widestPx, document.documentElement.clientWidth - edgePx);
  panel.style.left = `${Math.max(edgePx / 2, Math.min(left, room - edgePx / 2))}px`;
  panel.style.top = `${bottom + 4}px`;
  panel.style.maxHeight = `calc(100dvh - ${bottom + 16}px)`;
}
