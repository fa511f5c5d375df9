import { useTitle } from "../../shell/use-title.ts";
import { shellText } from "../../strings/shell.en.ts";

export default function QualityPage() {
  useTitle(shellText.page.quality);
  return (
    <main class="page" id="content">
      <h1>{shellText.page.quality}</h1>
    </main>
  );
}
