package dev.coxswain.deploy.pki;

import dev.coxswain.deploy.host.CoxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/**
 * Writes kubeconfig files that carry their certificates, so that one file is all a client needs.
 */
public final class Kubeconfig {
  private Kubeconfig() {}

  /**
   * Writes a kubeconfig that only its owner may read.
   *
   * @param servers the API servers' URLs, the preferred one first. More than one are for Coxswain's
   *     own processes, which go on to the next when one is away; kubectl takes one only
   */
  public static void write(
      Path file,
      String cluster,
      String user,
      List<String> servers,
      Path authority,
      Path certificate,
      Path key) {
    var text = new StringBuilder("apiVersion: v1\nkind: Config\nclusters:\n");
    text.append("- name: ").append(cluster).append("\n  cluster:\n    server: ");
    text.append(String.join(",", servers)).append('\n');
    text.append("    certificate-authority-data: ").append(base64(authority)).append('\n');
    text.append("users:\n- name: ").append(user).append("\n  user:\n");
    text.append("    client-certificate-data: ").append(base64(certificate)).append('\n');
    text.append("    client-key-data: ").append(base64(key)).append('\n');
    text.append("contexts:\n- name: ").append(cluster).append("\n  context:\n");
    text.append("    cluster: ").append(cluster).append("\n    user: ").append(user).append('\n');
    text.append("current-context: ").append(cluster).append('\n');
    PemFiles.writeSecret(file, text.toString());
  }

  private static String base64(Path file) {
    try {
      return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    } catch (IOException unreadable) {
      throw new CoxException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }
}
