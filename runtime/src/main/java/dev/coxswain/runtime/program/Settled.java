package dev.coxswain.runtime.program;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Flags of Kubernetes and etcd for what is always one way here: a command line that asks for just
 * that is taken, and one that asks for the other is refused rather than not heeded.
 */
public final class Settled {
  private Settled() {}

  /**
   * Takes one value. As texts, for a flag without a value means true, which picocli's own flags
   * turn around.
   */
  public abstract static sealed class Only implements ITypeConverter<String> {
    private final String settled;

    Only(String settled) {
      this.settled = settled;
    }

    @Override
    public final String convert(String value) {
      if (!value.equals(settled)) {
        throw new TypeConversionException("it is always " + settled + " here, not " + value);
      }
      return value;
    }
  }

  /** Takes {@code true} alone. */
  public static final class True extends Only {
    public True() {
      super("true");
    }
  }

  /** Takes {@code false} alone. */
  public static final class False extends Only {
    public False() {
      super("false");
    }
  }

  /** Takes {@code Webhook} alone. */
  public static final class Webhook extends Only {
    public Webhook() {
      super("Webhook");
    }
  }

  /** Takes {@code 0} alone, for a port that is not opened. */
  public static final class NoPort extends Only {
    public NoPort() {
      super("0");
    }
  }
}
