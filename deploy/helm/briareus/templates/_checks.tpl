{{/* What the schema cannot say: values that do not go together, each refused with a sentence. */}}
{{- define "briareus.check" -}}
{{- if .Values.pipeline.enabled }}{{ include "briareus.checkPipeline" . }}{{ end }}
{{- if not (or .Values.pipeline.enabled .Values.serving.enabled) }}
  {{- fail "pipeline.enabled and serving.enabled are both false, so nothing would be installed; set one of them" }}
{{- end }}
{{- if and .Values.serving.enabled .Release.IsUpgrade (not (.Capabilities.APIVersions.Has "briareus.dev/v1alpha1")) }}
  {{- fail "serving: the cluster does not know ModelServers, and Helm installs their definition with a new release alone; first kubectl apply --server-side --filename deploy/crds/modelservers.yaml, or set serving.enabled to false" }}
{{- end }}
{{- end }}

{{- define "briareus.checkPipeline" -}}
{{- range $stage, $pool := .Values.pools }}
  {{- if gt (int $pool.min) (int $pool.max) }}
    {{- fail (printf "pools.%s: min is %d and max is %d; a pool cannot have at least more workers than at most" $stage (int $pool.min) (int $pool.max)) }}
  {{- end }}
  {{- if and (ne $.Values.scaling.driver "none") (eq (int $pool.max) 0) }}
    {{- fail (printf "pools.%s: max is 0, so no capture would ever leave this stage; pause it by `briareus tune %s --pause` instead" $stage $stage) }}
  {{- end }}
  {{- if and (eq $.Values.scaling.driver "hpa") (eq (int $pool.min) 0) }}
    {{- fail (printf "pools.%s: min is 0, which a plain HPA cannot do; set it to 1, or scaling.driver to keda" $stage) }}
  {{- end }}
{{- end }}
{{- range $part, $scheme := dict "redis" "redis://" "postgres" "postgres://" }}
  {{- $value := index $.Values $part }}
  {{- $given := or $value.url $value.secret.name }}
  {{- if and $value.bundled $given }}
    {{- fail (printf "%s: bundled is true, and url or secret names another; set one of them" $part) }}
  {{- end }}
  {{- if not (or $value.bundled $given) }}
    {{- fail (printf "%s: bundled is false, so url (%s...) or secret.name must say where it is" $part $scheme) }}
  {{- end }}
{{- end }}
{{- range $part := list "blobs" "evidence" }}
  {{- $store := index $.Values $part }}
  {{- if hasPrefix "file:" $store.url }}
    {{- fail (printf "%s.url: %s is a folder, and pods share none; use gs://bucket/prefix or redis://host:6379/1?prefix=x:" $part $store.url) }}
  {{- end }}
  {{- if not (or $.Values.redis.bundled $store.url $store.secret.name) }}
    {{- fail (printf "%s: the Redis is your own, so url must say where pictures lie: gs://bucket/prefix or redis://host:6379/1?prefix=x:" $part) }}
  {{- end }}
{{- end }}
{{- $servers := 0 }}
{{- range list .Values.modelServer.bundled .Values.modelServer.name .Values.modelServer.address .Values.envoy.enabled }}
  {{- if . }}{{ $servers = add1 $servers }}{{ end }}
{{- end }}
{{- if ne (int $servers) 1 }}
  {{- fail (printf "modelServer: %d of modelServer.bundled, .name, .address and envoy.enabled are set; exactly one says who scores captures" (int $servers)) }}
{{- end }}
{{- if and .Values.review.oidc.issuer (not .Values.review.oidc.roles) }}
  {{- fail "review.oidc: roles is empty, so nobody who signs in could do anything; name groups, such as mods: moderator" }}
{{- end }}
{{- if and .Values.review.web.enabled (not .Values.review.web.host) }}
  {{- fail "review.web: host is empty; name the one that people type" }}
{{- end }}
{{- end }}
