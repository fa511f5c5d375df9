{{/* What the schema cannot say: values that do not go together, each refused with a sentence. */}}
{{- define "briareus.check" -}}
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
{{- range list .Values.modelServer.bundled .Values.modelServer.address .Values.envoy.enabled }}
  {{- if . }}{{ $servers = add1 $servers }}{{ end }}
{{- end }}
{{- if ne (int $servers) 1 }}
  {{- fail (printf "modelServer: %d of modelServer.bundled, modelServer.address and envoy.enabled are set; exactly one says who scores captures" (int $servers)) }}
{{- end }}
{{- if and .Values.review.oidc.issuer (not .Values.review.oidc.roles) }}
  {{- fail "review.oidc: roles is empty, so nobody who signs in could do anything; name groups, such as mods: moderator" }}
{{- end }}
{{- if and .Values.review.web.enabled (not .Values.review.web.host) }}
  {{- fail "review.web: host is empty; name the one that people type" }}
{{- end }}
{{- end }}
