import type { Random } from "../random.ts";
import { canvas, round, type Scene, sway } from "./canvas.ts";

/** Ink lines and polygons on paper, and a hand's worth of tremble. */
export const drawing: Scene = (random, moment) => {
  const marks = Array.from({ length: random.whole(10, 60) }, () => {
    const points = outline(random, moment);
    const width = random.between(1.5, 7);
    const filled = random.between(0, 1) < 0.25;
    const fill = filled ? `hsl(${random.whole(0, 359)},${random.whole(10, 70)}%,${random.whole(40, 85)}%)` : "none";
    return `<path d="${points}${filled ? "Z" : ""}" fill="${fill}" stroke="#1c1a24" stroke-width="${round(width)}" stroke-linejoin="round"/>`;
  });
  return `<rect width="${canvas.width}" height="${canvas.height}" fill="hsl(42,${random.whole(15, 35)}%,${random.whole(86, 94)}%)"/>
    ${marks.join("")}`;
};

function outline(random: Random, moment: number): string {
  let x = random.between(80, canvas.width - 80) + sway(random, moment, 8);
  let y = random.between(60, canvas.height - 60) + sway(random, moment, 8);
  const steps = Array.from({ length: random.whole(2, 9) }, () => {
    x += random.between(-150, 150);
    y += random.between(-110, 110);
    return `L${round(x)} ${round(y)}`;
  });
  return `M${round(x)} ${round(y)}${steps.join("")}`;
}
