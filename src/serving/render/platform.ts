/** What the cluster and the installation give to every ModelServer. */
export interface Platform {
  tritonImage: string;
  /** Briareus itself: fetches and pushes models, compares versions. */
  briareusImage: string;
  /** Briareus with TensorFlow's converter and trtexec. */
  conversionImage: string;
  envoyImage: string;
  pauseImage: string;
  /** PriorityClass of placeholder pods: below every other, so that they give way to a server. */
  placeholderClass: string;
  /** Ends the names of Services, such as cluster.local. */
  clusterDomain: string;
  /** A Prometheus that scrapes the servers, by which KEDA scales. */
  prometheusUrl?: string;
  /** Name of an external metric, queue time over compute time of each ModelServer, by which an HPA scales without KEDA. */
  queueMetric?: string;
  /** Kinds that the cluster has beside Kubernetes' own. */
  has: { scaledObjects: boolean; serviceMonitors: boolean };
}

/** What a platform has unless somebody says otherwise. */
export const defaultPlatform = {
  tritonImage: "nvcr.io/nvidia/tritonserver:25.09-py3",
  briareusImage: "briareus:latest",
  conversionImage: "model-conversion:latest",
  envoyImage: "envoyproxy/envoy:v1.40-latest",
  pauseImage: "registry.k8s.io/pause:3.10",
  placeholderClass: "briareus-placeholder",
  clusterDomain: "cluster.local",
} satisfies Partial<Platform>;
