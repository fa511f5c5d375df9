import { sizes } from "../../../exposure/cover.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { StagePicture } from "./use-picture.ts";

/** What keys do for the picture, as buttons. */
export function LookTools({ picture }: { picture: StagePicture }) {
  return (
    <div class="look-tools">
      {picture.failed && (
        <button type="button" onClick={picture.retry}>
          {reviewText.retryPicture}
        </button>
      )}
      <button type="button" aria-pressed={picture.look !== null} onClick={() => picture.toggle("tone")}>
        {reviewText.look}
      </button>
      <fieldset class="look-sizes">
        <legend class="unseen">{reviewText.size}</legend>
        {sizes.map((size) => (
          <button key={size} type="button" aria-pressed={picture.size === size} onClick={() => picture.setSize(size)}>
            {size}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
