package dev.coxswain.deploy.cluster;

import java.io.IOException;
import java.nio.file.Path;

/** Where everything that {@code cox} makes lives. */
public record Home(Path root) {

  /**
   * The same home by whatever way it is called: everything on the machine is named after it, so
   * that a second name would make a second cluster of it.
   */
  public static Home at(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path there = absolute; there != null; there = there.getParent()) {
      try {
        return new Home(there.toRealPath().resolve(there.relativize(absolute)).normalize());
      } catch (IOException notYet) {
        // What is above it may be there.
      }
    }
    return new Home(absolute);
  }

  public Path kubeconfig() {
    return root.resolve("kubeconfig");
  }

  /** For a shell: where etcdctl finds the store, and how it proves who it is. */
  public Path etcdctl() {
    return root.resolve("etcdctl.env");
  }

  public Path pki() {
    return root.resolve("pki");
  }

  /** A process's own kubeconfig. */
  public Path kubeconfig(String owner) {
    return pki().resolve("kubeconfigs").resolve(owner + ".conf");
  }

  public Path data() {
    return root.resolve("data");
  }

  /** One machine's files: the store's data, or what a node keeps under /var and /etc. */
  public Path machine(String name) {
    return data().resolve(name);
  }

  public Path logs() {
    return root.resolve("logs");
  }

  public Path log(String process) {
    return logs().resolve(process + ".log");
  }

  /** What the audit log is to tell; there only where somebody wants one. */
  public Path auditPolicy() {
    return root.resolve("audit-policy.yaml");
  }

  /** A kubeconfig of who is sent the audit events; there only where somebody wants it. */
  public Path auditWebhook() {
    return root.resolve("audit-webhook.conf");
  }

  /** An AuthenticationConfiguration; there only where somebody wants one. */
  public Path authentication() {
    return root.resolve("authentication.yaml");
  }

  /** A KubeletConfiguration for all nodes; there only where somebody wants one. */
  public Path kubeletConfiguration() {
    return root.resolve("kubelet.yaml");
  }

  /** Which programs know credentials of registries; there only where somebody wants some. */
  public Path credentialProviders() {
    return root.resolve("credential-providers.yaml");
  }

  /** Those programs. */
  public Path credentialPrograms() {
    return root.resolve("credential-providers");
  }

  public Path auditLog(String machine) {
    return logs().resolve("audit-" + machine + ".log");
  }

  public Path state() {
    return root.resolve("state.json");
  }

  public Path lock() {
    return root.resolve("lock");
  }

  public Path images() {
    return data().resolve("images.tar");
  }
}
