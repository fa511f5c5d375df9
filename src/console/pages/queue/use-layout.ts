import { useEffect, useState } from "preact/hooks";

/** `cards`: two lines to a row. `medium`: without frames and holder. */
export type QueueLayout = "wide" | "medium" | "cards";

const cards = "(max-width: 40em)";
const medium = "(max-width: 64em)";

/** How much of a row fits into the window. */
export function useQueueLayout(): QueueLayout {
  const [layout, setLayout] = useState(read);
  useEffect(() => {
    const queries = [matchMedia(cards), matchMedia(medium)];
    const update = () => setLayout(read());
    for (const query of queries) query.addEventListener("change", update);
    return () => {
      for (const query of queries) query.removeEventListener("change", update);
    };
  }, []);
  return layout;
}

function read(): QueueLayout {
  if (matchMedia(cards).matches) return "cards";
  return matchMedia(medium).matches ? "medium" : "wide";
}
