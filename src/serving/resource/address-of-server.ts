/** Port of the Envoys before every ModelServer. */
export const gatewayPort = 8001;

/**
 * HOST:PORT of a ModelServer for a worker in the same cluster: its Service has its name.
 * @param name NAME in the worker's own namespace, or NAME.NAMESPACE
 * @returns undefined where it is no such name
 */
export function addressOfServer(name: string): string | undefined {
  const label = "[a-z]([-a-z0-9]{0,61}[a-z0-9])?";
  return new RegExp(`^${label}(\\.${label})?$`).test(name) ? `${name}:${gatewayPort}` : undefined;
}
