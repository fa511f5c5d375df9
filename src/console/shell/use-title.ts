import { useEffect } from "preact/hooks";
import { shellText } from "../strings/shell.en.ts";

/** Names the page in the tab; the page itself has the same words in its one h1. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = shellText.title(page);
  }, [page]);
}
