/**
 * Envoy before several Tritons. gRPC keeps a connection for long, so a client alone never learns of new servers and
 * loads the old ones; Envoy spreads single requests, and finds servers by DNS as they come and go.
 *
 * Field names: Envoy's v3 API reference, https://www.envoyproxy.io/docs/envoy/latest/api-v3/api.
 */
import { stringify } from "yaml";

export interface EnvoySettings {
  /** Where workers connect. */
  listen: { host: string; port: number };
  /** Envoy's own statistics, readiness and draining; never to be reached from outside. */
  admin: { host: string; port: number };
  /** Where its readiness and its figures may be read by others, and nothing else of the admin part. */
  observed?: { host: string; port: number };
  /** Servers; a name stands for all the addresses that it has, such as a headless Service. */
  endpoints: readonly { host: string; grpcPort: number; httpPort: number }[];
}

/** Above the largest request: 16 pictures of 512 x 512 x 3 floats. */
const windowBytes = 64 << 20;

export function envoyConfig({ listen, admin, observed, endpoints }: EnvoySettings): string {
  const address = socket(admin.host, admin.port);
  return stringify(
    {
      admin: { address },
      static_resources: {
        listeners: [listener(listen), ...(observed ? [observation(observed)] : [])],
        clusters: [cluster(endpoints), ...(observed ? [{ name: "admin", ...fixed(address) }] : [])],
      },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** @param routes where the connection manager has its routes from */
export function listener({ host, port }: EnvoySettings["listen"], routes: object = fixedRoutes) {
  return {
    name: "inference",
    address: socket(host, port),
    per_connection_buffer_limit_bytes: windowBytes,
    filter_chains: [
      {
        filters: [
          filter("envoy.filters.network.http_connection_manager", "HttpConnectionManager", connectionManager(routes)),
        ],
      },
    ],
  };
}

export function observation({ host, port }: { host: string; port: number }) {
  const routes = ["/ready", "/stats/prometheus"].map((path) => ({ match: { path }, route: { cluster: "admin" } }));
  const manager = {
    stat_prefix: "observation",
    route_config: { virtual_hosts: [{ name: "admin", domains: ["*"], routes }] },
    http_filters: [filter("envoy.filters.http.router", "Router")],
  };
  return {
    name: "observation",
    address: socket(host, port),
    filter_chains: [
      { filters: [filter("envoy.filters.network.http_connection_manager", "HttpConnectionManager", manager)] },
    ],
  };
}

export function fixed(address: ReturnType<typeof socket>) {
  const load_assignment = { cluster_name: "admin", endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
  return { type: "STATIC", connect_timeout: "1s", load_assignment };
}

function connectionManager(routes: object) {
  return {
    stat_prefix: "inference",
    codec_type: "HTTP2",
    http2_protocol_options: { initial_stream_window_size: 1 << 20, initial_connection_window_size: windowBytes },
    // A drained Envoy lets go of its clients within this time.
    drain_timeout: "15s",
    common_http_protocol_options: { idle_timeout: "3600s" },
    ...routes,
    http_filters: [filter("envoy.filters.http.router", "Router")],
  };
}

/** Every request to one of these clusters. */
export function virtualHosts(target: { cluster: string } | { weighted_clusters: object }) {
  return [
    {
      name: "triton",
      domains: ["*"],
      routes: [
        {
          match: { prefix: "/", grpc: {} },
          route: {
            ...target,
            timeout: "0s",
            // The worker's deadline, as gRPC sends it along, and no other.
            max_stream_duration: { grpc_timeout_header_max: "0s" },
            // What never reached a Triton. Anything else the worker repeats itself, by its own rules.
            retry_policy: { retry_on: "connect-failure,refused-stream", num_retries: 2 },
          },
        },
      ],
    },
  ];
}

const fixedRoutes = { route_config: { virtual_hosts: virtualHosts({ cluster: "triton" }) } };

export function cluster(endpoints: EnvoySettings["endpoints"], name = "triton") {
  return {
    name,
    type: "STRICT_DNS",
    // A server that is ready is known soon after; the default is five seconds.
    dns_refresh_rate: "2s",
    connect_timeout: "2s",
    lb_policy: "LEAST_REQUEST",
    per_connection_buffer_limit_bytes: windowBytes,
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: {
          http2_protocol_options: {
            initial_stream_window_size: 1 << 20,
            initial_connection_window_size: windowBytes,
            // A server whose machine is gone closes no connection.
            connection_keepalive: { interval: "5s", timeout: "3s" },
          },
        },
      },
    },
    circuit_breakers: {
      thresholds: [{ max_connections: 1024, max_pending_requests: 1024, max_requests: 4096, max_retries: 16 }],
    },
    health_checks: [
      {
        timeout: "1s",
        interval: "2s",
        unhealthy_threshold: 2,
        healthy_threshold: 1,
        http_health_check: { path: "/v2/health/ready", codec_client_type: "HTTP1" },
      },
    ],
    outlier_detection: {
      // Connections that break, not answers: a full queue is UNAVAILABLE too, which counts as a 503 here, and a busy
      // server that is put out would leave its load to the others.
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: 3,
      enforcing_consecutive_5xx: 0,
      enforcing_consecutive_gateway_failure: 0,
      enforcing_success_rate: 0,
      interval: "1s",
      base_ejection_time: "2s",
      max_ejection_percent: 90,
    },
    // With few servers left, all of them are tried rather than none.
    common_lb_config: { healthy_panic_threshold: { value: 20 } },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: endpoints.map(({ host, grpcPort, httpPort }) => ({
            endpoint: { address: socket(host, grpcPort), health_check_config: { port_value: httpPort } },
          })),
        },
      ],
    },
  };
}

export const socket = (address: string, port_value: number) => ({ socket_address: { address, port_value } });

function filter(name: string, type: "HttpConnectionManager" | "Router", config: object = {}) {
  const area = type === "Router" ? "http.router" : "network.http_connection_manager";
  const url = `type.googleapis.com/envoy.extensions.filters.${area}.v3.${type}`;
  return { name, typed_config: { "@type": url, ...config } };
}
