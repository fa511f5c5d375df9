import { useEffect, useState } from "preact/hooks";

/** Whether the focus is on something that the arrow keys scroll sideways: there they are the browser's. */
export function useScrolling(): boolean {
  const [scrolling, setScrolling] = useState(false);
  useEffect(() => {
    const look = () => {
      const at = document.activeElement;
      setScrolling(at !== null && at !== document.body && at.scrollWidth > at.clientWidth && at.matches(".data-table"));
    };
    document.addEventListener("focusin", look);
    document.addEventListener("focusout", look);
    return () => {
      document.removeEventListener("focusin", look);
      document.removeEventListener("focusout", look);
    };
  }, []);
  return scrolling;
}
