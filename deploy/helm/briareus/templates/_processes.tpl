{{/*
Our own processes, a Deployment each, by component: what the image is told to do, what each uses (so what it is told of
and may reach), and its values. `replicas` absent: something else scales it.
`asksCluster`: it has a token of the cluster, and rights of its own.
*/}}
{{- define "briareus.processes" -}}
{{- $uses := dict
  "fetch" (list "redis" "blobs" "pictures")
  "preprocess" (list "redis" "blobs" "models")
  "infer" (list "redis" "blobs" "models" "policy")
  "postprocess" (list "redis" "blobs" "evidence" "pubsub" "policy") -}}
{{- if .Values.pipeline.enabled }}
{{- range $stage, $pool := .Values.pools }}
{{ $stage }}:
  args: [worker, {{ $stage }}]
  uses: {{ index $uses $stage | required (printf "templates/_processes.tpl does not say what stage %s uses" $stage) | toJson }}
  settings: { BRIAREUS_CONCURRENCY: {{ $pool.concurrency }} }
  values: {{ omit $pool "min" "max" "replicas" | toJson }}
  {{- if eq $.Values.scaling.driver "none" }}
  replicas: {{ $pool.replicas }}
  {{- end }}
{{- end }}
ingress:
  args: [ingress]
  uses: [redis, pubsub]
  settings: { BRIAREUS_MAX_HELD: {{ .Values.ingress.maxHeld }} }
  values: {{ toJson .Values.ingress }}
  replicas: {{ .Values.ingress.replicas }}
review:
  args: [review]
  uses: [redis, postgres, blobs, evidence, pubsub, policy, models]
  ports: { http: 8080 }
  settings: {{- include "briareus.reviewSettings" . | nindent 4 }}
  values: {{ omit .Values.review "oidc" "web" | toJson }}
  replicas: {{ .Values.review.replicas }}
{{- if ne .Values.scaling.driver "none" }}
autoscaler:
  args: [autoscaler]
  uses: [redis]
  ports: { grpc: 6000 }
  settings: {{- include "briareus.autoscalerSettings" . | nindent 4 }}
  values: {{ toJson .Values.scaling.autoscaler }}
  replicas: {{ .Values.scaling.autoscaler.replicas }}
{{- end }}
{{- if .Values.modelServer.bundled }}
model-server:
  args: [model-server, --repository, /app/models, --host, "0.0.0.0"]
  uses: []
  ports: { grpc: 8001, triton-metrics: 8002 }
  values: {{ omit .Values.modelServer "models" "name" "address" | toJson }}
  replicas: {{ .Values.modelServer.replicas }}
{{- end }}
{{- end }}
{{- if .Values.serving.enabled }}
serving-controller:
  args: {{ include "briareus.servingArguments" . | fromYamlArray | toJson }}
  uses: [kubernetes, servers]
  asksCluster: true
  values: {{ toJson .Values.serving }}
  replicas: {{ .Values.serving.replicas }}
{{- end }}
{{- end }}

{{- define "briareus.servingArguments" -}}
{{- with .Values.serving }}
- serving-controller
{{- if not .allNamespaces }}
- --namespace={{ $.Release.Namespace }}
{{- end }}
- --lease-namespace={{ $.Release.Namespace }}
- --briareus-image={{ include "briareus.image" $ }}
- --triton-image={{ .images.triton }}
- --conversion-image={{ .images.conversion }}
- --envoy-image={{ .images.envoy }}
- --pause-image={{ .images.pause }}
- --placeholder-class={{ include "briareus.placeholderClass" $ }}
- --cluster-domain={{ .clusterDomain }}
- --resync={{ include "briareus.text" .resyncSeconds }}
{{- with .prometheus }}
- --prometheus={{ . }}
{{- end }}
{{- with .queueMetric }}
- --queue-metric={{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "briareus.reviewSettings" -}}
{{- with .Values.review }}
BRIAREUS_REVIEW_HOST: "0.0.0.0"
BRIAREUS_REVIEW_PORT: "8080"
BRIAREUS_REVIEW_URL: {{ .url | quote }}
BRIAREUS_TRUSTED_PROXIES: {{ join "," .trustedProxies | quote }}
{{- if .oidc.issuer }}
BRIAREUS_OIDC_ISSUER: {{ .oidc.issuer | quote }}
BRIAREUS_OIDC_CLIENT_ID: {{ .oidc.clientId | quote }}
BRIAREUS_OIDC_SCOPES: {{ .oidc.scopes | quote }}
BRIAREUS_OIDC_ROLE_CLAIM: {{ .oidc.roleClaim | quote }}
{{- $roles := list }}
{{- range $group, $role := .oidc.roles }}{{ $roles = append $roles (printf "%s=%s" $group $role) }}{{ end }}
BRIAREUS_OIDC_ROLES: {{ join "," $roles | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "briareus.autoscalerSettings" -}}
BRIAREUS_SCALER_HOST: "0.0.0.0"
BRIAREUS_SCALER_PORT: "6000"
BRIAREUS_SCALE_DOWN_MS: {{ mul .Values.scaling.scaleDownSeconds 1000 }}
{{- range $stage, $pool := .Values.pools }}
BRIAREUS_{{ upper $stage }}_POOL: {{ printf "%d..%d@%ss" (int $pool.min) (int $pool.max) (include "briareus.text" $pool.goalSeconds) }}
{{- end }}
{{- end }}
