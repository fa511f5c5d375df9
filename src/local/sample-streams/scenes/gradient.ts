import { canvas, round, type Scene, sway } from "./canvas.ts";

/** Slow clouds of cool colours, as of a screen saver. */
export const gradient: Scene = (random, moment) => {
  const hue = random.whole(150, 260);
  const clouds = Array.from({ length: random.whole(4, 7) }, (_, index) => {
    const x = random.between(0, canvas.width) + sway(random, moment, 160);
    const y = random.between(0, canvas.height) + sway(random, moment, 100);
    const colour = `hsl(${hue + random.whole(-40, 40)},${random.whole(45, 75)}%,${random.whole(35, 70)}%)`;
    return {
      stops: `<radialGradient id="c${index}"><stop stop-color="${colour}"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>`,
      shape: `<circle cx="${round(x)}" cy="${round(y)}" r="${random.whole(220, 420)}" fill="url(#c${index})"/>`,
    };
  });
  return `<defs>
      <linearGradient id="back" x2="1" y2="1"><stop stop-color="hsl(${hue},50%,22%)"/><stop offset="1" stop-color="hsl(${hue + 50},45%,48%)"/></linearGradient>
      ${clouds.map(({ stops }) => stops).join("")}
    </defs>
    <rect width="${canvas.width}" height="${canvas.height}" fill="url(#back)"/>
    ${clouds.map(({ shape }) => shape).join("")}`;
};
