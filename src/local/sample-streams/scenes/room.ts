import { canvas, round, type Scene, sway } from "./canvas.ts";

/** A furnished room by day: wallpaper, floorboards, window, shelf, lamp, and a ball that rolls about. */
export const room: Scene = (random, moment) => {
  const hue = random.whole(0, 359);
  const floor = random.whole(470, 560);
  const windowX = random.whole(90, 640);
  const cloud = sway(random, moment, 90);
  const ball = 640 + sway(random, moment, 480);
  const stripes = Array.from({ length: 32 }, (_, index) => {
    const lightness = 72 + random.between(-3, 3);
    return `<rect x="${index * 40}" width="40" height="${floor}" fill="hsl(${hue},28%,${round(lightness)}%)"/>`;
  });
  const boards = Array.from({ length: 14 }, (_, index) => {
    const lightness = 34 + random.between(-5, 5);
    const [top, foot] = [index * 96 - 32, index * 160 - 480];
    return `<path d="M${top} ${floor}h96L${foot + 160} 720H${foot}Z" fill="hsl(28,45%,${round(lightness)}%)" stroke="#2a1a0d"/>`;
  });
  const shelfX = windowX < 360 ? 800 : 60;
  const books = Array.from({ length: 18 }, (_, index) => {
    const height = random.whole(60, 105);
    return `<rect x="${shelfX + index * 20}" y="${330 - height}" width="18" height="${height}" fill="hsl(${random.whole(0, 359)},45%,${random.whole(25, 60)}%)"/>`;
  });
  return `<defs>
      <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#7db8ea"/><stop offset="1" stop-color="#dff0fb"/></linearGradient>
      <linearGradient id="light" x2="1"><stop stop-color="#fff" stop-opacity=".22"/><stop offset="1" stop-color="#000" stop-opacity=".25"/></linearGradient>
    </defs>
    ${stripes.join("")}${boards.join("")}
    <rect y="${floor - 16}" width="1280" height="16" fill="#efe9df"/>
    <rect x="${windowX}" y="80" width="340" height="260" fill="url(#sky)"/>
    <g fill="#fff" opacity=".9"><ellipse cx="${round(windowX + 170 + cloud)}" cy="150" rx="60" ry="18"/><ellipse cx="${round(windowX + 200 + cloud)}" cy="138" rx="38" ry="20"/></g>
    <path d="M${windowX} 80h340v260h-340ZM${windowX + 170} 80v260M${windowX} 210h340" fill="none" stroke="#f6f2ea" stroke-width="14"/>
    ${books.join("")}<rect x="${shelfX - 20}" y="330" width="400" height="14" fill="#5a3b22"/>
    <rect x="${shelfX + 40}" y="${floor - 110}" width="300" height="26" fill="#6d4526"/>
    <path d="M${shelfX + 60} ${floor - 84}v160M${shelfX + 320} ${floor - 84}v160" stroke="#59371d" stroke-width="18"/>
    <path d="M${shelfX + 160} ${floor - 110}v-60l-36 0 20-50h52l20 50h-36" fill="#f3d98b" stroke="#8a7430" stroke-width="4"/>
    <circle cx="${round(ball)}" cy="${floor + 110}" r="34" fill="hsl(${(hue + 180) % 360},65%,45%)"/>
    <rect width="${canvas.width}" height="${canvas.height}" fill="url(#light)"/>`;
};
