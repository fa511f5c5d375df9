import { useEffect, useState } from "preact/hooks";

/** The theme as it is painted now; changes with the preference, and with the system where that is followed. */
export function useTheme(): string {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => {
    const look = () => setTheme(themeNow());
    const chosen = new MutationObserver(look);
    chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: light)");
    system.addEventListener("change", look);
    return () => {
      chosen.disconnect();
      system.removeEventListener("change", look);
    };
  }, []);
  return theme;
}

const themeNow = () =>
  `${document.documentElement.dataset.theme ?? ""} ${matchMedia("(prefers-color-scheme: light)").matches}`;
