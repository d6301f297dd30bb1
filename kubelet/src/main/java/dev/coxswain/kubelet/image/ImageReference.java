package dev.coxswain.kubelet.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image's name, taken apart.
 *
 * @param registry the registry's host, {@code docker.io} where none is named
 * @param repository the path within the registry
 * @param suffix {@code :tag} or {@code @digest}; {@code :latest} where there is none
 */
record ImageReference(String registry, String repository, String suffix) {
  private static final String DEFAULT_REGISTRY = "docker.io";
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern REGISTRY = Pattern.compile("[A-Za-z0-9.-]+(?::[0-9]+)?");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST =
      Pattern.compile("[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}");

  /** The path within the registry as the registry itself knows it. */
  String path() {
    return registry.equals(DEFAULT_REGISTRY) && repository.indexOf('/') < 0
        ? "library/" + repository
        : repository;
  }

  /** The whole name, without tag and digest. */
  String name() {
    return registry + "/" + path();
  }

  /** Takes a name apart; empty where it is none. */
  static Optional<ImageReference> parse(String text) {
    String rest = text;
    String suffix = "";
    int at = rest.indexOf('@');
    if (at >= 0) {
      if (!DIGEST.matcher(rest.substring(at + 1)).matches()) {
        return Optional.empty();
      }
      suffix = rest.substring(at);
      rest = rest.substring(0, at);
    }
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      if (!TAG.matcher(rest.substring(colon + 1)).matches()) {
        return Optional.empty();
      }
      suffix = suffix.isEmpty() ? rest.substring(colon) : suffix;
      rest = rest.substring(0, colon);
    }
    String registry = DEFAULT_REGISTRY;
    int slash = rest.indexOf('/');
    if (slash > 0) {
      String head = rest.substring(0, slash);
      if (head.contains(".") || head.contains(":") || head.equals("localhost")) {
        registry = head;
        rest = rest.substring(slash + 1);
      }
    }
    boolean sound = REGISTRY.matcher(registry).matches() && REPOSITORY.matcher(rest).matches();
    return sound
        ? Optional.of(new ImageReference(registry, rest, suffix.isEmpty() ? ":latest" : suffix))
        : Optional.empty();
  }
}
