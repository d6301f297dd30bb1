package dev.coxswain.controllers.certificates;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The signers that Kubernetes itself has, and what each of them signs. */
enum Signer {
  /** Clients of the API server, whom a person approves. */
  CLIENT("kube-apiserver-client") {
    @Override
    void check(Requested requested, Set<String> usages) throws Refused {
      usages(usages, Set.of("client auth"), Set.of("digital signature", "key encipherment"));
    }
  },
  /** Kubelets as clients of the API server. */
  KUBELET_CLIENT("kube-apiserver-client-kubelet") {
    @Override
    void check(Requested requested, Set<String> usages) throws Refused {
      node(requested);
      if (!requested.names().isEmpty()) {
        throw new Refused("subjectAltNames are not allowed");
      }
      usages(usages, Set.of("client auth", "digital signature"), Set.of("key encipherment"));
    }
  },
  /** Kubelets as servers: a person approves, because a node says itself where it is. */
  KUBELET_SERVING("kubelet-serving") {
    @Override
    void check(Requested requested, Set<String> usages) throws Refused {
      node(requested);
      if (!requested.namesHosts()) {
        throw new Refused("at least one DNS or IP subjectAltName is required");
      }
      if (requested.namesOthers()) {
        throw new Refused("email and URI subjectAltNames are not allowed");
      }
      usages(usages, Set.of("server auth", "digital signature"), Set.of("key encipherment"));
    }
  };

  private final String signerName;

  Signer(String name) {
    this.signerName = "kubernetes.io/" + name;
  }

  static Optional<Signer> named(String name) {
    return Arrays.stream(values()).filter(signer -> signer.signerName.equals(name)).findFirst();
  }

  /**
   * Looks whether it signs such a request.
   *
   * @throws Refused with the reason where it does not
   */
  abstract void check(Requested requested, Set<String> usages) throws Refused;

  private static void node(Requested requested) throws Refused {
    if (!requested.ofNode()) {
      throw new Refused(
          "subject must be organization \"system:nodes\" and a common name that begins with"
              + " \"system:node:\"");
    }
  }

  private static void usages(Set<String> usages, Set<String> needed, Set<String> allowed)
      throws Refused {
    for (String usage : needed) {
      if (!usages.contains(usage)) {
        throw new Refused("usages did not contain " + usage);
      }
    }
    for (String usage : usages) {
      if (!needed.contains(usage) && !allowed.contains(usage)) {
        throw new Refused("usages contain " + usage + ", which this signer does not sign");
      }
    }
  }
}
