package dev.coxswain.kubelet;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about how many images are pulled at the same time. */
final class PullOptions {
  /** More only share the same disk and network. Upstream's default is one. */
  private static final int DEFAULT_PARALLEL = 5;

  private static final int UNBOUNDED = Integer.MAX_VALUE;

  @Option(
      names = "--serialize-image-pulls",
      arity = "0..1",
      fallbackValue = "true",
      description =
          "Pulls one image after the other. Default: false, at most five at the same time; what is"
              + " given as false has no bound but maxParallelImagePulls of the file.")
  private @Nullable Boolean serialize;

  /** The same in the file, and what no flag can say. */
  record Fields(@Nullable Boolean serializeImagePulls, @Nullable Integer maxParallelImagePulls) {}

  /** How many images are pulled at the same time at most. */
  int parallel(Fields file) {
    @Nullable Integer most = file.maxParallelImagePulls();
    @Nullable Boolean single = serialize == null ? file.serializeImagePulls() : serialize;
    if (most != null && most < 1) {
      throw new IllegalArgumentException("maxParallelImagePulls: " + most + " is too few");
    }
    if (most != null && most > 1 && Boolean.TRUE.equals(single)) {
      throw new IllegalArgumentException(
          "maxParallelImagePulls: cannot be larger than 1 unless serializeImagePulls is false");
    }
    if (Boolean.TRUE.equals(single)) {
      return 1;
    }
    if (most != null) {
      return most;
    }
    return single == null ? DEFAULT_PARALLEL : UNBOUNDED;
  }

  /** With this flag and the defaults taken in. */
  Fields inForce(Fields file) {
    int most = parallel(file);
    return new Fields(most == 1, most == UNBOUNDED ? null : most);
  }
}
