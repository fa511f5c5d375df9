import type { Preferences } from "../../review/contract/me.ts";

/** Looking at an incident outside of Review. */
export const viewerText = {
  noFrames: "This incident has no frames.",
  look: "Look for 5 s",
  lookColour: "In full colour",
  hint: {
    hold: (key) => `Hold ${key} or the picture to look; Esc covers`,
    press: (key) => `Press ${key} or the picture to look; Esc covers`,
  } satisfies Record<Preferences["look"], (key: string) => string>,
  hintPointer: {
    hold: "Or hold the picture",
    press: "Or press the picture",
  } satisfies Record<Preferences["look"], string>,
  size: (size: string) => `size ${size}`,
  smaller: "Smaller picture",
  larger: "Larger picture",
};
