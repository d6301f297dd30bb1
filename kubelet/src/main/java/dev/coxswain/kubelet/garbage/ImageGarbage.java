package dev.coxswain.kubelet.garbage;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.pressure.NodeMeasures;
import dev.coxswain.kubelet.pressure.Reading;
import dev.coxswain.kubelet.pressure.Signal;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes images when their file system fills up. An image that a container or a volume uses, or
 * that is pinned, stays; where the pinned ones cannot be told, all stay.
 */
public final class ImageGarbage {
  private static final Logger LOG = LoggerFactory.getLogger(ImageGarbage.class);

  /** Upstream's period. */
  private static final Duration PERIOD = Duration.ofMinutes(5);

  private final ContainerRuntime runtime;
  private final ImageStore images;
  private final Supplier<Optional<Set<String>>> pinned;
  private final Supplier<Set<String>> mounted;
  private final NodeMeasures measures;
  private final ImageLimits limits;
  private final NodeEvents events;
  private final Time time;

  /** When an image was first seen and last used, guarded by this; as many as there are images. */
  private final Map<String, History> histories = new HashMap<>();

  private volatile boolean stopped;

  private record History(Instant seen, Instant used) {}

  /**
   * Looks after the images of this store.
   *
   * @param pinned the names of those that stay; empty where they cannot be told
   * @param mounted the references of those that volumes of pods show
   */
  public ImageGarbage(
      ContainerRuntime runtime,
      ImageStore images,
      Supplier<Optional<Set<String>>> pinned,
      Supplier<Set<String>> mounted,
      NodeMeasures measures,
      ImageLimits limits,
      NodeEvents events,
      Time time) {
    this.runtime = runtime;
    this.images = images;
    this.pinned = pinned;
    this.mounted = mounted;
    this.measures = measures;
    this.limits = limits;
    this.events = events;
    this.time = time;
  }

  /** Starts on a thread of its own. */
  public void start() {
    Rounds.start("image-garbage", time, () -> !stopped, this::round);
  }

  /** Ends after the round that is under way. */
  public void stop() {
    stopped = true;
  }

  private void round() throws InterruptedException {
    try {
      collect();
    } catch (IOException | CriException failure) {
      LOG.warn("Unused images are not looked for: {}", failure.getMessage());
    }
    time.sleep(PERIOD);
  }

  /** Frees what is above the high threshold, down to the low one. */
  void collect() throws IOException {
    List<ImageChoice.Unused> unused = unused();
    @Nullable Reading disk = measures.read().get(Signal.IMAGEFS_AVAILABLE);
    if (disk == null || disk.capacity() == 0 || limits.high() == 100) {
      return;
    }
    long percent = 100 - disk.available() * 100 / disk.capacity();
    if (percent < limits.high()) {
      return;
    }
    long wanted = disk.capacity() * (100 - limits.low()) / 100 - disk.available();
    LOG.info("{} % of the images' file system are in use; freeing {} bytes", percent, wanted);
    long freed = remove(ImageChoice.of(unused, wanted, limits.age(), time.now()));
    if (freed < wanted) {
      events.warning(
          "FreeDiskSpaceFailed",
          "Failed to garbage collect required amount of images. Attempted to free "
              + wanted
              + " bytes, but only found "
              + freed
              + " bytes eligible to free.");
    }
  }

  /**
   * Removes every image that nobody uses, but for those that have just come: a container may be
   * about to use them.
   */
  public void removeAllUnused() {
    remove(ImageChoice.of(unused(), Long.MAX_VALUE, limits.age(), time.now()));
  }

  private long remove(List<ImageChoice.Unused> chosen) {
    long freed = 0;
    for (ImageChoice.Unused image : chosen) {
      try {
        images.remove(image.id());
        freed += image.bytes();
        LOG.info("Image {} ({} bytes) is removed: nobody uses it", image.id(), image.bytes());
      } catch (CriException failure) {
        LOG.warn("Image {} cannot be removed: {}", image.id(), failure.getMessage());
      }
    }
    return freed;
  }

  private synchronized List<ImageChoice.Unused> unused() {
    Optional<Set<String>> kept = pinned.get();
    Set<String> used = new HashSet<>();
    for (Container container : runtime.listContainers(ContainerFilter.getDefaultInstance())) {
      used.add(container.getImageRef());
      used.add(container.getImage().getImage());
    }
    for (String reference : mounted.get()) {
      images.find(reference).map(Image::getId).ifPresent(used::add);
    }
    Instant now = time.now();
    List<ImageChoice.Unused> unused = new ArrayList<>();
    Set<String> present = new HashSet<>();
    for (Image image : images.list()) {
      present.add(image.getId());
      boolean inUse = names(image).anyMatch(used::contains);
      History history =
          histories.merge(
              image.getId(),
              new History(now, inUse ? now : Instant.EPOCH),
              (before, same) -> inUse ? new History(before.seen(), now) : before);
      boolean keep =
          image.getPinned() || kept.isEmpty() || names(image).anyMatch(kept.get()::contains);
      if (!inUse && !keep) {
        unused.add(
            new ImageChoice.Unused(image.getId(), image.getSize(), history.seen(), history.used()));
      }
    }
    histories.keySet().retainAll(present);
    return unused;
  }

  private static Stream<String> names(Image image) {
    return Stream.concat(
        Stream.of(image.getId()),
        Stream.concat(image.getRepoTagsList().stream(), image.getRepoDigestsList().stream()));
  }
}
