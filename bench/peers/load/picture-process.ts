/** The image host in a process of its own: its CPU is no system's. */
import { servePictures } from "../../picture-host.ts";

const { address } = await servePictures();
process.once("disconnect", () => process.exit(0));
process.send?.(address);
