import { useEffect, useState } from "preact/hooks";
import type { Retention } from "../../../review/contract/admin.ts";
import { previewRetention } from "../../api/admin-api.ts";
import { mayActAs } from "../../session/me.ts";
import { adminText } from "../../strings/admin.en.ts";
import type { SettingValue } from "./setting-fields.ts";

const pauseMs = 300;

/** "Deletes 1,204 pictures on 3 Dec": asked of the server for what is typed, before it is saved. */
export function RetentionPreview({ value }: { value: SettingValue }) {
  const [words, setWords] = useState<string>(adminText.previewing);
  const asked = JSON.stringify(value);
  useEffect(() => {
    const retention: Retention = JSON.parse(asked);
    const stopped = new AbortController();
    setWords(adminText.previewing);
    const timer = setTimeout(() => {
      previewRetention(retention, stopped.signal).then(
        ({ deletes, at }) => setWords(adminText.preview(deletes, at)),
        () => !stopped.signal.aborted && setWords(adminText.previewFailed),
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }, [asked]);
  if (!mayActAs("admin")) return null;
  return (
    <p class="card retention-preview" role="status">
      {words}
    </p>
  );
}
