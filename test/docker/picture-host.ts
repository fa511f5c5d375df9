import { once } from "node:events";
import { createServer } from "node:http";
import sharp from "sharp";

export interface PictureHost {
  port: number;
  /** A picture of the given number, as a container of the compose project addresses it. */
  uri(picture: number): string;
  /** A file that claims to be a JPEG and ends in its middle. */
  truncatedUri: string;
  stop(): Promise<void>;
}

/** Serves generated pictures on all of this machine's addresses, so that containers can fetch them. */
export async function startPictureHost(): Promise<PictureHost> {
  const server = createServer(async (request, response) => {
    const jpeg = await picture(Number(/\d+/.exec(request.url ?? "")?.[0] ?? 0));
    response.writeHead(200, { "content-type": "image/jpeg" });
    response.end(request.url?.startsWith("/truncated") ? jpeg.subarray(0, 200) : jpeg);
  }).listen(0);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no TCP port");
  const root = `http://host.docker.internal:${address.port}`;
  return {
    port: address.port,
    uri: (number) => `${root}/picture/${number}.jpg`,
    truncatedUri: `${root}/truncated/1.jpg`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function picture(number: number): Promise<Buffer> {
  const hue = (number * 47) % 360;
  const room = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">
    <rect width="640" height="360" fill="hsl(${hue} 30% 80%)"/>
    <rect y="240" width="640" height="120" fill="hsl(${hue} 30% 45%)"/>
    <rect x="${40 + (number % 10) * 40}" y="90" width="120" height="90" fill="hsl(${(hue + 180) % 360} 40% 60%)"/>
  </svg>`;
  return sharp(Buffer.from(room)).jpeg({ quality: 80 }).toBuffer();
}
