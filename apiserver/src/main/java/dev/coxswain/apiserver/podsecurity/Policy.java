package dev.coxswain.apiserver.podsecurity;

import dev.coxswain.api.json.Json;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A level of the Pod Security Standards as of some version of Kubernetes.
 *
 * @param level how much is forbidden
 * @param minor the minor version whose rules apply; {@link #LATEST} for the newest
 */
record Policy(Level level, int minor) {
  /** The newest rules. */
  static final int LATEST = Integer.MAX_VALUE;

  /** Forbids nothing. */
  static final Policy PRIVILEGED = new Policy(Level.PRIVILEGED, LATEST);

  private static final String PREFIX = "pod-security.kubernetes.io/";
  private static final Pattern VERSION = Pattern.compile("v1\\.(0|[1-9]\\d{0,4})");

  /** How much is forbidden; each level forbids what the one before does. */
  enum Level {
    PRIVILEGED("privileged"),
    BASELINE("baseline"),
    RESTRICTED("restricted");

    private final String text;

    Level(String text) {
      this.text = text;
    }

    static Optional<Level> of(String text) {
      for (Level level : values()) {
        if (level.text.equals(text)) {
          return Optional.of(level);
        }
      }
      return Optional.empty();
    }
  }

  /** What a namespace's labels say breaks a policy's rules. */
  enum Mode {
    ENFORCE("enforce"),
    AUDIT("audit"),
    WARN("warn");

    private final String text;

    Mode(String text) {
      this.text = text;
    }

    String label() {
      return PREFIX + text;
    }

    String versionLabel() {
      return label() + "-version";
    }
  }

  /** The policy of a namespace; what cannot be read counts as the strictest, as upstream has it. */
  static Policy of(JsonNode namespace, Mode mode) {
    String level = Json.text(namespace, "metadata", "labels", mode.label());
    if (level.isEmpty()) {
      return PRIVILEGED;
    }
    String version = Json.text(namespace, "metadata", "labels", mode.versionLabel());
    return new Policy(Level.of(level).orElse(Level.RESTRICTED), minor(version).orElse(LATEST));
  }

  /** The minor version that a label names; empty where it is none. */
  static Optional<Integer> minor(String version) {
    if (version.isEmpty() || version.equals("latest")) {
      return Optional.of(LATEST);
    }
    Matcher matcher = VERSION.matcher(version);
    return matcher.matches() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
  }

  /** Whether rules apply that came with a version. */
  boolean since(int version) {
    return minor >= version;
  }

  boolean forbidsNothing() {
    return level == Level.PRIVILEGED;
  }

  /** {@code restricted:latest}, {@code baseline:v1.25}. */
  @Override
  public String toString() {
    return level.text + ":" + (minor == LATEST ? "latest" : "v1." + minor);
  }
}
