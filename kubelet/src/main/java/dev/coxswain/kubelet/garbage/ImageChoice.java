package dev.coxswain.kubelet.garbage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which images are removed: the one longest unused first. Pure. */
final class ImageChoice {
  private ImageChoice() {}

  /**
   * An image that no container uses and that nobody wants kept.
   *
   * @param seen when it was first there
   * @param used when a container last used it; {@link Instant#EPOCH} for never
   */
  record Unused(String id, long bytes, Instant seen, Instant used) {}

  /**
   * As many as it takes to free so much.
   *
   * @param age younger ones are kept
   */
  static List<Unused> of(List<Unused> images, long bytes, Duration age, Instant now) {
    List<Unused> chosen = new ArrayList<>();
    long freed = 0;
    for (Unused image :
        images.stream()
            .sorted(
                Comparator.comparing(Unused::used)
                    .thenComparing(Unused::seen)
                    .thenComparing(Unused::id))
            .toList()) {
      if (freed >= bytes) {
        break;
      }
      if (!now.isBefore(image.seen().plus(age))) {
        chosen.add(image);
        freed += image.bytes();
      }
    }
    return chosen;
  }
}
