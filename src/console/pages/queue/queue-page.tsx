import { useTitle } from "../../shell/use-title.ts";
import { shellText } from "../../strings/shell.en.ts";

export default function QueuePage() {
  useTitle(shellText.page.queue);
  return (
    <main class="page" id="content">
      <h1>{shellText.page.queue}</h1>
    </main>
  );
}
