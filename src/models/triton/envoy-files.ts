/**
 * Envoy before several versions of a model server. Versions and their shares lie in files of their own, which Envoy
 * reads again when the folder changes, so that a canary needs no restart. A folder must be replaced as Kubernetes does it
 * with a ConfigMap's: by a rename inside it.
 */
import { stringify } from "yaml";
import { cluster, type EnvoySettings, fixed, listener, observation, socket, virtualHosts } from "./envoy-config.ts";

export interface ServerVersion {
  name: string;
  /** Of the traffic, relative to the other versions'; 0: known, but without any. */
  weight: number;
  endpoints: EnvoySettings["endpoints"];
}

export interface EnvoyFilesSettings extends Pick<EnvoySettings, "listen" | "admin"> {
  observed: { host: string; port: number };
  /** Where the files lie when Envoy runs. */
  folder: string;
  versions: readonly ServerVersion[];
}

export function envoyFiles({ listen, admin, observed, folder, versions }: EnvoyFilesSettings): Record<string, string> {
  const file = (name: string) => ({
    resource_api_version: "V3",
    path_config_source: { path: `${folder}/${name}`, watched_directory: { path: folder } },
  });
  const address = socket(admin.host, admin.port);
  return {
    "envoy.yaml": text({
      node: { id: "envoy", cluster: "inference" },
      admin: { address },
      dynamic_resources: { cds_config: file("clusters.yaml") },
      static_resources: {
        listeners: [
          listener(listen, { rds: { route_config_name: "triton", config_source: file("routes.yaml") } }),
          observation(observed),
        ],
        clusters: [{ name: "admin", ...fixed(address) }],
      },
    }),
    "clusters.yaml": text({
      resources: versions.map(({ name, endpoints }) => ({
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        ...cluster(endpoints, name),
      })),
    }),
    "routes.yaml": text({
      resources: [
        {
          "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
          name: "triton",
          virtual_hosts: routesOf(versions),
        },
      ],
    }),
  };
}

/** None while no version has a share: Envoy then answers UNIMPLEMENTED or 404, and workers wait. */
function routesOf(versions: readonly ServerVersion[]) {
  const [first, ...others] = versions.filter(({ weight }) => weight > 0);
  if (!first) return [];
  if (others.length === 0) return virtualHosts({ cluster: first.name });
  const clusters = [first, ...others].map(({ name, weight }) => ({ name, weight }));
  return virtualHosts({ weighted_clusters: { clusters } });
}

const text = (value: object) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
