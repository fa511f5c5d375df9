import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { readUnprocessablePicture } from "../../../api/ops-api.ts";
import { RequestError } from "../../../api/request-error.ts";
import { toneOf } from "../../../exposure/cover.ts";
import { useLook } from "../../../exposure/use-look.ts";
import { preferences } from "../../../session/preferences.ts";
import { opsFailureText as text } from "../../../strings/ops-failures.en.ts";

/**
 * A picture that no model has judged, so it is treated as a severe one: solid cover, small, grey, shown only while
 * somebody looks. It is asked for when somebody looks, and its element is in the document only then.
 */
export function CapturePicture({ id, captureId }: { id: string; captureId: string }) {
  const own = preferences.value;
  const { look, begin, end, toggle, cover } = useLook(own?.look ?? "hold", id);
  const place = useRef<HTMLSpanElement>(null);
  const { image, problem } = usePicture(id, look !== null);
  const filter = own ? toneOf("severe", own, look ?? "tone").filter : "grayscale(1)";
  useLayoutEffect(() => {
    if (look === null || !image) return;
    image.style.filter = filter;
    place.current?.append(image);
    return () => image.remove();
  }, [look, image, filter]);
  return (
    <button
      type="button"
      class="capture-picture"
      data-covered={look === null || !image}
      aria-label={look === null ? text.covered(captureId) : text.shown(captureId)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        begin("tone");
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === "Escape") cover();
        if (event.key !== " " || event.repeat) return;
        event.preventDefault();
        begin("tone");
      }}
      onKeyUp={(event) => {
        if (event.key !== " ") return;
        event.preventDefault();
        end();
      }}
      onClick={(event) => event.detail === 0 && toggle("tone")}
      onBlur={cover}
    >
      <span ref={place} class="capture-well" />
      {!(look !== null && image) && (
        <span class="capture-cover small">{problem ?? (look === null ? text.hold : text.loading)}</span>
      )}
    </button>
  );
}

/** Asked for at the first look, kept while the card is there. */
function usePicture(id: string, wanted: boolean) {
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const asked = useRef(false);
  const stopped = useRef(new AbortController());
  const address = useRef<string | null>(null);
  const form = preferences.value?.tone === "smoothed" ? "smoothed" : "sharp";
  useEffect(() => {
    if (!wanted || asked.current) return;
    asked.current = true;
    fetchImage(id, form, stopped.current.signal).then(
      (fetched) => {
        address.current = fetched.src;
        setImage(fetched);
      },
      (error) =>
        !stopped.current.signal.aborted && setProblem(error instanceof RequestError ? error.message : text.unreadable),
    );
  }, [id, wanted, form]);
  useEffect(
    () => () => {
      stopped.current.abort();
      if (address.current) URL.revokeObjectURL(address.current);
    },
    [],
  );
  return { image, problem };
}

async function fetchImage(id: string, form: "sharp" | "smoothed", signal: AbortSignal): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = URL.createObjectURL(await readUnprocessablePicture(id, form, signal));
  image.alt = "";
  image.draggable = false;
  await image.decode();
  return image;
}
