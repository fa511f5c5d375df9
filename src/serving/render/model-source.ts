import type { RevisionModel } from "./revision.ts";

/** Volumes and mounts for models at volume://CLAIM/PATH: read only, each claim once. */
export function claimVolumes(models: readonly RevisionModel[]) {
  const claims = [...new Set(models.map(({ uri }) => claimOf(uri)).filter((claim) => claim !== undefined))];
  return {
    volumes: claims.map((claim) => ({
      name: volumeName(claim),
      persistentVolumeClaim: { claimName: claim, readOnly: true },
    })),
    mounts: claims.map((claim) => ({ name: volumeName(claim), mountPath: `/volumes/${claim}`, readOnly: true })),
  };
}

/** The address that a container reads the model from: of a volume, the folder where it is mounted. */
export function readableUri(uri: string): string {
  return uri.startsWith("volume://") ? `/volumes/${uri.slice("volume://".length)}` : uri;
}

const volumeName = (claim: string) => `claim-${claim.replaceAll(".", "-")}`;

function claimOf(uri: string): string | undefined {
  return /^volume:\/\/([^/]+)\//.exec(uri)?.[1];
}
