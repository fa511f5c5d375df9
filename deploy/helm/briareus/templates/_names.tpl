{{/* What every object's name begins with: the release's, so that releases stand side by side in a namespace. */}}
{{- define "briareus.name" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* What finds the pods of one kind: (dict "root" $ "component" "fetch") */}}
{{- define "briareus.selector" -}}
app.kubernetes.io/name: briareus
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Labels of an object: (dict "root" $ "component" "fetch") */}}
{{- define "briareus.labels" -}}
{{ include "briareus.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Name and labels: (dict "root" $ "component" "fetch") */}}
{{- define "briareus.metadata" -}}
name: {{ include "briareus.name" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "briareus.labels" . | nindent 2 }}
{{- end }}

{{/* Name of an object that belongs to no namespace: no other release's, for a namespace's name has no dot. */}}
{{- define "briareus.clusterName" -}}
{{ .root.Release.Namespace }}.{{ include "briareus.name" .root }}-{{ .component }}
{{- end }}

{{/* A value as an environment variable has it: a whole number that YAML read as 2.097152e+07 too. */}}
{{- define "briareus.text" -}}
{{- if not (kindIs "float64" .) }}{{ . }}{{ else if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end -}}
{{- end }}
