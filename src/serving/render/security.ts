/** As strict as Kubernetes' restricted standard asks. */
export const podSecurity = {
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

export const containerSecurity = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
