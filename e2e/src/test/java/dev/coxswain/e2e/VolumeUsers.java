package dev.coxswain.e2e;

/** Pods on one node that use a volume named {@code v}, and do nothing else. */
record VolumeUsers(Cluster cluster, String namespace, String node) {
  /** What a pod's volume is that is the claim's. */
  static String claim(String name) {
    return "persistentVolumeClaim: {claimName: %s}".formatted(name);
  }

  /** Whose files are the group's 2000. */
  void add(String name, String volume, String uses) {
    add(name, "{fsGroup: 2000}", volume, uses);
  }

  /** One whose container uses the volume in this way. */
  void add(String name, String security, String volume, String uses) {
    cluster.apply(
        namespace,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, labels: {role: user}}
        spec:
          nodeSelector: {kubernetes.io/hostname: %2$s}
          terminationGracePeriodSeconds: 0
          securityContext: %5$s
          containers:
            - {name: main, image: "coxswain/demo:1", command: [sleep, "12345"], %4$s}
          volumes:
            - {name: v, %3$s}
        """
            .formatted(name, node, volume, uses, security));
  }

  void awaitReady(String pod) {
    cluster.kubectl(
        "-n", namespace, "wait", "pod/" + pod, "--for=condition=Ready", Cluster.PATIENTLY);
  }

  /** What the script says in the pod's container. */
  String inside(String pod, String script) {
    return cluster.kubectl("-n", namespace, "exec", pod, "-c", "main", "--", "sh", "-c", script);
  }
}
