import { useTitle } from "../../shell/use-title.ts";
import { shellText } from "../../strings/shell.en.ts";

export default function IncidentPage() {
  useTitle(shellText.page.incident);
  return (
    <main class="page" id="content">
      <h1>{shellText.page.incident}</h1>
    </main>
  );
}
