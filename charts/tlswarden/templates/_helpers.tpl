{{- define "tlswarden.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* At most 40 characters: names of pods and Leases are made from it, and the group is a label's value. */}}
{{- define "tlswarden.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tlswarden.instanceLabels" -}}
app.kubernetes.io/name: {{ include "tlswarden.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What the agent's pods are found by; it must not change over upgrades. */}}
{{- define "tlswarden.selectorLabels" -}}
{{ include "tlswarden.instanceLabels" . }}
app.kubernetes.io/component: agent
{{- end }}

{{/* Labels of every object; the component comes on top. */}}
{{- define "tlswarden.labels" -}}
{{- $ours := dict
    "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_")
    "app.kubernetes.io/version" (.Chart.AppVersion | toString)
    "app.kubernetes.io/managed-by" .Release.Service }}
{{- $ours = merge $ours (include "tlswarden.instanceLabels" . | fromYaml) .Values.commonLabels }}
{{- toYaml $ours }}
{{- end }}

{{/* metadata of an object: (dict "root" $ "name" … "namespace" … "labels" … "annotations" …), all but root optional */}}
{{- define "tlswarden.metadata" -}}
{{- $root := .root }}
{{- $labels := merge (dict) (.labels | default dict) (include "tlswarden.labels" $root | fromYaml) }}
{{- $annotations := merge (dict) (.annotations | default dict) $root.Values.commonAnnotations -}}
name: {{ .name | default (include "tlswarden.fullname" $root) }}
{{- if not .clusterScoped }}
namespace: {{ .namespace | default $root.Release.Namespace }}
{{- end }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "tlswarden.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "tlswarden.fullname" .) }}
{{- else }}
{{- required "serviceAccount.name must say which account to use, since serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "tlswarden.subject" -}}
kind: ServiceAccount
name: {{ include "tlswarden.serviceAccountName" . }}
namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "tlswarden.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{/* The rules that reading and answering DatabaseEndpoints takes, in a ClusterRole or in a Role of each namespace. */}}
{{- define "tlswarden.endpointRules" -}}
- apiGroups: [tlswarden.dev]
  resources: [databaseendpoints]
  verbs: [get, list, watch]
- apiGroups: [tlswarden.dev]
  resources: [databaseendpoints/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* One rule for Secrets or ConfigMaps: (dict "names" … "all" … "resource" …) */}}
{{- define "tlswarden.referenceRule" -}}
{{- if or .all .names }}
- apiGroups: [""]
  resources: [{{ .resource }}]
  {{- if not .all }}
  resourceNames:
    {{- toYaml .names | nindent 4 }}
  {{- end }}
  verbs: [get, list, watch]
{{- end }}
{{- end }}
