/** The dialogs of the shell: keys, commands, preferences. At most one is open; each is loaded when first opened. */
import { signal } from "@preact/signals";
import lazy, { ErrorBoundary } from "preact-iso/lazy";

const layers = {
  keys: lazy(() => import("./key-sheet.tsx")),
  commands: lazy(() => import("./command-list.tsx")),
  preferences: lazy(() => import("./preferences-dialog.tsx")),
};
type LayerName = keyof typeof layers;

const opened = signal<LayerName | null>(null);

export function openLayer(name: LayerName): void {
  opened.value = name;
}

export function Layers() {
  if (!opened.value) return null;
  const Layer = layers[opened.value];
  return (
    <ErrorBoundary>
      <Layer
        onClose={() => {
          opened.value = null;
        }}
      />
    </ErrorBoundary>
  );
}
