package dev.coxswain.kubelet.env;

/** A container's configuration that names something that is not there; the message says what. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says what is missing, in upstream's words. */
  public ConfigException(String message) {
    super(message);
  }
}
