{{/* The environment of a process: (dict "root" $ "process" $process "component" "fetch") */}}
{{- define "briareus.environment" -}}
{{- $root := .root }}
{{- $values := $root.Values }}
{{- $name := include "briareus.name" $root }}
{{- $settings := dict
  "BRIAREUS_METRICS_HOST" "0.0.0.0"
  "BRIAREUS_METRICS_PORT" "9464"
  "BRIAREUS_DRAIN_MS" (mul $values.drainSeconds 1000) }}
{{- if has "pubsub" .process.uses }}
  {{- with $values.pubsub }}
    {{- $settings = merge $settings (dict
      "GOOGLE_CLOUD_PROJECT" .project
      "BRIAREUS_CAPTURES_TOPIC" .capturesTopic
      "BRIAREUS_CAPTURES_SUBSCRIPTION" .capturesSubscription
      "BRIAREUS_VERDICTS_TOPIC" .verdictsTopic
      "BRIAREUS_DECISIONS_TOPIC" .decisionsTopic
      "BRIAREUS_REVIEW_SUBSCRIPTION" .reviewSubscription) }}
    {{- if .bundled }}
      {{- $settings = merge $settings (dict
        "PUBSUB_EMULATOR_HOST" (printf "%s-pubsub:8085" $name)
        "METADATA_SERVER_DETECTION" "none") }}
    {{- end }}
  {{- end }}
{{- end }}
{{- if has "models" .process.uses }}
  {{- $settings = merge $settings (dict
    "BRIAREUS_MODEL_SERVER" (include "briareus.modelAddress" $root)
    "BRIAREUS_MODELS" (join "," $values.modelServer.models)) }}
{{- end }}
{{- if and $values.policy (has "policy" .process.uses) }}
  {{- $settings = merge $settings (dict "BRIAREUS_POLICY" "/etc/briareus/policy.yaml") }}
{{- end }}
{{- with $values.tracing.endpoint }}
  {{- $settings = merge $settings (dict "OTEL_EXPORTER_OTLP_ENDPOINT" .) }}
{{- end }}
{{- $settings = merge $settings (.process.settings | default dict) .process.values.settings $values.settings }}
{{- range $variable, $value := $settings }}
- { name: {{ $variable }}, value: {{ include "briareus.text" $value | quote }} }
{{- end }}
{{- $redis := printf "redis://%s-redis:6379" $name }}
{{- if has "redis" .process.uses }}
{{ include "briareus.url" (dict "variable" "REDIS_URL" "of" $values.redis "bundled" $redis) }}
{{- end }}
{{- if has "blobs" .process.uses }}
{{ include "briareus.url" (dict "variable" "BRIAREUS_BLOBS" "of" $values.blobs "bundled" (printf "%s?prefix=blob:" $redis)) }}
{{- end }}
{{- if has "evidence" .process.uses }}
{{ include "briareus.url" (dict "variable" "BRIAREUS_EVIDENCE" "of" $values.evidence "bundled" (printf "%s?prefix=evidence:" $redis)) }}
{{- end }}
{{- if has "postgres" .process.uses }}
{{- $secret := dict "name" (printf "%s-postgres" $name) "key" "url" }}
{{ include "briareus.url" (dict "variable" "DATABASE_URL" "of" $values.postgres "bundledSecret" $secret) }}
{{- end }}
{{- if and (eq .component "review") $values.review.oidc.clientSecret.name }}
{{ include "briareus.secretVariable" (dict "variable" "BRIAREUS_OIDC_CLIENT_SECRET" "secret" $values.review.oidc.clientSecret) }}
{{- end }}
{{- end }}

{{/* A URL of one's own, from a Secret or from the values, else that of the bundled part. */}}
{{- define "briareus.url" -}}
{{- if .of.secret.name -}}
{{ include "briareus.secretVariable" (dict "variable" .variable "secret" .of.secret) }}
{{- else if .of.url -}}
- { name: {{ .variable }}, value: {{ .of.url | quote }} }
{{- else if .bundledSecret -}}
{{ include "briareus.secretVariable" (dict "variable" .variable "secret" .bundledSecret) }}
{{- else -}}
- { name: {{ .variable }}, value: {{ .bundled | quote }} }
{{- end }}
{{- end }}

{{- define "briareus.secretVariable" -}}
- name: {{ .variable }}
  valueFrom: { secretKeyRef: { name: {{ .secret.name }}, key: {{ .secret.key | quote }} } }
{{- end }}

{{- define "briareus.modelAddress" -}}
{{- if .Values.envoy.enabled -}}
{{ include "briareus.name" . }}-envoy:8001
{{- else if .Values.modelServer.name -}}
{{ .Values.modelServer.name }}:8001
{{- else if .Values.modelServer.bundled -}}
{{ include "briareus.name" . }}-model-server:8001
{{- else -}}
{{ .Values.modelServer.address }}
{{- end }}
{{- end }}
