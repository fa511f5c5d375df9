{{/*
What pods of a component have in common, ours and others'. Without the versions, so that an upgrade starts only those anew
that it changes: (dict "root" $ "component" "fetch" "user" 1000 "group" 1000)
*/}}
{{- define "briareus.podMetadata" -}}
labels:
  {{- include "briareus.selector" . | nindent 2 }}
  {{- with .root.Values.pods.labels }}{{ toYaml . | nindent 2 }}{{ end }}
{{- $annotations := merge (dict) .root.Values.pods.annotations (.annotations | default dict) }}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* No token of the cluster, but for the process that asks it something. */}}
{{- define "briareus.podSpec" -}}
{{- $root := .root -}}
automountServiceAccountToken: {{ dig "asksCluster" false (.process | default dict) }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .group }}
  fsGroup: {{ .group }}
  seccompProfile: { type: RuntimeDefault }
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}{{ printf "- { name: %s }" . | nindent 2 }}{{ end }}
{{- end }}
{{- with .nodeSelector | default $root.Values.pods.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations | default $root.Values.pods.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "briareus.selector" . | nindent 8 }}
{{- end }}

{{- define "briareus.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "briareus.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
