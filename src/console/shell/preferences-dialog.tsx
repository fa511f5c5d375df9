import { Dialog } from "../components/dialog.tsx";
import { preferencesText } from "../strings/preferences.en.ts";

/** What the person prefers, saved with each change. */
export default function PreferencesDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={preferencesText.title} onClose={onClose}>
      <p class="muted">{preferencesText.kept}</p>
    </Dialog>
  );
}
