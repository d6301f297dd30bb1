package dev.coxswain.kubelet.image;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which images somebody has credentials for: {@code registry.example:5000/team}, as upstream reads
 * it. Each part of the host may be a glob, which stands for no dot; a port must be the same; a path
 * is how the image's begins.
 *
 * @param host the parts of the host's name
 * @param port the port; empty for none
 * @param path the path, with its slash; empty for none
 */
record RegistryPattern(List<Pattern> host, String port, String path) {
  private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^\\s:?#%@]+)(:\\d*)?");
  private static final Pattern PATH = Pattern.compile("[^\\s?#%]*");

  /** Reads one; empty where it is none. */
  static Optional<RegistryPattern> parse(String text) {
    int slash = text.indexOf('/');
    String authority = slash < 0 ? text : text.substring(0, slash);
    String path = slash < 0 ? "" : text.substring(slash);
    if (!HOST.matcher(authority).matches() || !PATH.matcher(path).matches()) {
      return Optional.empty();
    }
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']');
    String host = hasPort ? authority.substring(0, colon) : authority;
    return Optional.of(
        new RegistryPattern(
            Arrays.stream(host.split("\\.", -1)).map(RegistryPattern::glob).toList(),
            hasPort ? authority.substring(colon + 1) : "",
            path));
  }

  /** Whether it is for this image. */
  boolean matches(ImageReference image) {
    return matchesRegistry(image.registry()) && ("/" + image.path()).startsWith(path);
  }

  /** Whether its host and port are those of the registry. */
  boolean matchesRegistry(String registry) {
    int colon = registry.lastIndexOf(':');
    String[] parts = (colon < 0 ? registry : registry.substring(0, colon)).split("\\.", -1);
    if (!port.equals(colon < 0 ? "" : registry.substring(colon + 1))
        || parts.length != host.size()) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      if (!host.get(i).matcher(parts[i]).matches()) {
        return false;
      }
    }
    return true;
  }

  private static Pattern glob(String part) {
    return Pattern.compile(Pattern.quote(part).replace("*", "\\E.*\\Q"));
  }
}
