/** What the cluster and the installation give to every ModelServer. */
export interface Platform {
  tritonImage: string;
  /** Briareus itself: fetches and pushes models, compares versions. */
  briareusImage: string;
  /** Briareus with TensorFlow's converter and trtexec. */
  conversionImage: string;
  envoyImage: string;
  pauseImage: string;
  /** Ends the names of Services, such as cluster.local. */
  clusterDomain: string;
  /** A Prometheus that scrapes the servers, by which KEDA scales; none: HPA on CPU for servers without a GPU. */
  prometheusUrl?: string;
  /** Kinds that the cluster has beside Kubernetes' own. */
  has: { scaledObjects: boolean; serviceMonitors: boolean };
}
