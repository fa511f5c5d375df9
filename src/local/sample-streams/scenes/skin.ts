import { canvas, round, type Scene, sway } from "./canvas.ts";

/**
 * Slim, shaded, blurred ellipses in skin tones on a plain, warm background: nothing but shapes, which the demo model
 * flags for three seeds in four.
 */
export const skin: Scene = (random, moment) => {
  const background = `hsl(${random.whole(10, 40)},${random.whole(5, 40)}%,${random.whole(20, 90)}%)`;
  const ellipses = Array.from({ length: random.whole(5, 12) }, (_, index) => {
    const [hue, saturation, lightness] = [random.whole(12, 28), random.whole(35, 70), random.whole(60, 85)];
    const tone = (change: number) => `hsl(${hue},${saturation}%,${lightness + change}%)`;
    const x = random.between(0.25, 0.75) * canvas.width + sway(random, moment, 14);
    const y = random.between(0.15, 0.85) * canvas.height + sway(random, moment, 10);
    const [rx, ry] = [random.between(0.05, 0.16) * canvas.width, random.between(0.25, 0.6) * canvas.height];
    const turn = `rotate(${random.whole(0, 179)} ${round(x)} ${round(y)})`;
    return {
      shade: `<radialGradient id="s${index}" cx=".42" cy=".38" r=".65"><stop stop-color="${tone(8)}"/><stop offset=".6" stop-color="${tone(-4)}"/><stop offset="1" stop-color="${tone(-26)}"/></radialGradient>`,
      shape: `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${round(rx)}" ry="${round(ry)}" fill="url(#s${index})" transform="${turn}"/>`,
    };
  });
  return `<defs>${ellipses.map(({ shade }) => shade).join("")}<filter id="soft"><feGaussianBlur stdDeviation="10"/></filter></defs>
    <rect width="${canvas.width}" height="${canvas.height}" fill="${background}"/>
    <g filter="url(#soft)">${ellipses.map(({ shape }) => shape).join("")}</g>`;
};
