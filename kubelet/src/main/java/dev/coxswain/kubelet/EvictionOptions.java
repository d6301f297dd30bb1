package dev.coxswain.kubelet;

import dev.coxswain.kubelet.garbage.ImageLimits;
import dev.coxswain.kubelet.pressure.EvictionSettings;
import dev.coxswain.kubelet.pressure.Thresholds;
import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about what happens when the node runs short of something. */
final class EvictionOptions {
  private static final String DEFAULT_TRANSITION = "5m";
  private static final String DEFAULT_IMAGE_AGE = "2m";
  private static final int DEFAULT_HIGH = 85;
  private static final int DEFAULT_LOW = 80;

  @Option(
      names = "--eviction-hard",
      description =
          "Thresholds below which pods are ended at once: memory.available<100Mi,... Default:"
              + " upstream's.")
  private @Nullable String hard;

  @Option(
      names = "--eviction-soft",
      description = "Thresholds below which pods are ended after a while: memory.available<300Mi")
  private @Nullable String soft;

  @Option(
      names = "--eviction-soft-grace-period",
      description = "For how long a soft threshold holds first: memory.available=1m30s,...")
  private @Nullable String softGrace;

  @Option(
      names = "--eviction-minimum-reclaim",
      description = "How much beyond a threshold is made free: memory.available=200Mi,...")
  private @Nullable String reclaim;

  @Option(
      names = "--eviction-pressure-transition-period",
      description = "For how long a condition outlasts its cause. Default: 5m.")
  private @Nullable String transition;

  @Option(
      names = "--eviction-max-pod-grace-period",
      description = "The longest grace of a pod that a soft threshold ends, in s. Default: 0.")
  private @Nullable Integer mostGrace;

  @Option(
      names = "--image-gc-high-threshold",
      description = "Percentage of disk in use at which unused images are removed. Default: 85.")
  private @Nullable Integer imageHigh;

  @Option(
      names = "--image-gc-low-threshold",
      description = "Percentage down to which they are removed. Default: 80.")
  private @Nullable Integer imageLow;

  @Option(
      names = "--minimum-image-ttl-duration",
      description = "Younger images are kept. Default: 2m.")
  private @Nullable String imageAge;

  /** The same in the file. */
  record Fields(
      @Nullable Map<String, String> evictionHard,
      @Nullable Map<String, String> evictionSoft,
      @Nullable Map<String, String> evictionSoftGracePeriod,
      @Nullable Map<String, String> evictionMinimumReclaim,
      @Nullable String evictionPressureTransitionPeriod,
      @Nullable Integer evictionMaxPodGracePeriod,
      @Nullable Integer imageGCHighThresholdPercent,
      @Nullable Integer imageGCLowThresholdPercent,
      @Nullable String imageMinimumGCAge,
      @Nullable Boolean mergeDefaultEvictionSettings) {}

  EvictionSettings eviction(Fields file) {
    return new EvictionSettings(
        Thresholds.of(hard(file), soft(file), softGrace(file), reclaim(file)),
        Durations.parse("--eviction-pressure-transition-period", transition(file)),
        Duration.ofSeconds(Math.max(0, mostGrace(file))));
  }

  ImageLimits images(Fields file) {
    return new ImageLimits(
        imageHigh(file),
        imageLow(file),
        Durations.parse("--minimum-image-ttl-duration", imageAge(file)));
  }

  /** With these flags and the defaults taken in. */
  Fields inForce(Fields file) {
    return new Fields(
        hard(file),
        soft(file),
        softGrace(file),
        reclaim(file),
        transition(file),
        mostGrace(file),
        imageHigh(file),
        imageLow(file),
        imageAge(file),
        merges(file));
  }

  private Map<String, String> hard(Fields file) {
    Map<String, String> chosen =
        map("--eviction-hard", hard, "<", file.evictionHard(), Thresholds.DEFAULT_HARD);
    if (!merges(file)) {
      return chosen;
    }
    Map<String, String> merged = new LinkedHashMap<>(Thresholds.DEFAULT_HARD);
    merged.putAll(chosen);
    return merged;
  }

  private Map<String, String> soft(Fields file) {
    return map("--eviction-soft", soft, "<", file.evictionSoft(), Map.of());
  }

  private Map<String, String> softGrace(Fields file) {
    return map(
        "--eviction-soft-grace-period", softGrace, "=", file.evictionSoftGracePeriod(), Map.of());
  }

  private Map<String, String> reclaim(Fields file) {
    return map("--eviction-minimum-reclaim", reclaim, "=", file.evictionMinimumReclaim(), Map.of());
  }

  private String transition(Fields file) {
    return KubeletCommand.first(
        transition, file.evictionPressureTransitionPeriod(), DEFAULT_TRANSITION);
  }

  private int mostGrace(Fields file) {
    return KubeletCommand.first(mostGrace, file.evictionMaxPodGracePeriod(), 0);
  }

  private int imageHigh(Fields file) {
    return KubeletCommand.first(imageHigh, file.imageGCHighThresholdPercent(), DEFAULT_HIGH);
  }

  private int imageLow(Fields file) {
    return KubeletCommand.first(imageLow, file.imageGCLowThresholdPercent(), DEFAULT_LOW);
  }

  private String imageAge(Fields file) {
    return KubeletCommand.first(imageAge, file.imageMinimumGCAge(), DEFAULT_IMAGE_AGE);
  }

  /** Whether who names some hard thresholds has upstream's for the others. */
  private static boolean merges(Fields file) {
    return Boolean.TRUE.equals(file.mergeDefaultEvictionSettings());
  }

  /**
   * A flag that is given says all there is, and so does the file where there is none; an empty one
   * says that there is nothing.
   */
  private static Map<String, String> map(
      String name,
      @Nullable String flag,
      String sign,
      @Nullable Map<String, String> file,
      Map<String, String> otherwise) {
    if (flag != null) {
      return Thresholds.split(name, flag, sign);
    }
    return file == null ? otherwise : file;
  }
}
