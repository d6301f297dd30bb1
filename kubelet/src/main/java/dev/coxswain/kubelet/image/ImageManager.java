package dev.coxswain.kubelet.image;

import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.proto.cri.AuthConfig;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Sees to it that a container's image is on the node, as its pull policy asks. Thread-safe. */
public final class ImageManager {
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(5);

  /** How long a missing image is left alone that is not to be pulled, or not yet again. */
  private static final Duration RECHECK = Duration.ofSeconds(10);

  /**
   * An image that a container needs, to run it or to mount it.
   *
   * @param container whom events are about
   * @param policy the pull policy; null for the one that follows from the reference
   */
  public record Wanted(String container, String reference, @Nullable String policy) {
    /** The one that the container runs. */
    public static Wanted of(Container container) {
      return new Wanted(container.getName(), container.getImage(), container.getImagePullPolicy());
    }
  }

  private record Key(String podUid, String image) {}

  private record Backoff(Duration delay, String message, Instant since, Instant until) {}

  private final ImageStore store;
  private final PullSecrets secrets;
  private final PodEvents events;
  private final Time time;
  private final Semaphore pulls;

  /** Bounded by the pods of the node: {@link #forget} drops a pod's entries with the pod. */
  private final ConcurrentMap<Key, Backoff> backoffs = new ConcurrentHashMap<>();

  /**
   * Manages the images of this store.
   *
   * @param credentials the node's own, as Docker's {@code config.json}; need not be there
   * @param parallelPulls how many images are pulled at the same time at most
   */
  public ImageManager(
      ImageStore store,
      ConfigSource source,
      Path credentials,
      CredentialPlugins plugins,
      PodEvents events,
      int parallelPulls,
      Time time) {
    this.store = store;
    this.secrets = new PullSecrets(source, credentials, plugins);
    this.events = events;
    this.pulls = new Semaphore(parallelPulls, true);
    this.time = time;
  }

  /**
   * The image, pulled where its policy asks.
   *
   * @throws ImageException when the container cannot have it now
   */
  public Image ensure(Pod pod, Wanted wanted, PodSandboxConfig sandbox)
      throws ImageException, InterruptedException {
    String name = wanted.reference();
    Instant now = time.now();
    ImageReference reference =
        ImageReference.parse(name)
            .orElseThrow(() -> {
              String message =
                  "Failed to apply default image tag \""
                      + name
                      + "\": couldn't parse image name \""
                      + name
                      + "\": invalid reference format";
              events.warning(pod, wanted.container(), "InspectFailed", message);
              return missing("InvalidImageName", name, message, now);
            });
    Optional<Image> present = find(name, now);
    String policy = policy(wanted, reference);
    if (policy.equals("Never") && present.isEmpty()) {
      String message = "Container image \"" + name + "\" is not present with pull policy of Never";
      events.warning(pod, wanted.container(), "ErrImageNeverPull", message);
      throw missing("ErrImageNeverPull", name, message, now);
    }
    if (present.isPresent() && !policy.equals("Always")) {
      events.normal(
          pod,
          wanted.container(),
          "Pulled",
          "Container image \"" + name + "\" already present on machine");
      return present.get();
    }
    Key key = new Key(pod.getMetadata().getUid(), name);
    Optional<ImageException> rests = rests(key, policy, now);
    if (rests.isPresent()) {
      throw rests.get();
    }
    return pull(pod, wanted, reference, key, policy, sandbox);
  }

  /** The failure of the last pull, while it is too early for another one. */
  private Optional<ImageException> rests(Key key, String policy, Instant now) {
    return Optional.ofNullable(backoffs.get(key))
        .filter(backoff -> now.isBefore(backoff.until()))
        .map(backoff -> backsOff(key, policy, backoff, now));
  }

  /** Drops what is remembered of a pod that is gone. */
  public void forget(String podUid) {
    backoffs.keySet().removeIf(key -> key.podUid().equals(podUid));
  }

  private Optional<Image> find(String name, Instant now) throws ImageException {
    try {
      return store.find(name);
    } catch (CriException failure) {
      throw missing("ImageInspectError", name, message(failure), now);
    }
  }

  private static ImageException missing(String reason, String name, String message, Instant now) {
    Instant again = now.plus(RECHECK);
    return new ImageException(reason, name, message, new ImageException.Times(now, again, again));
  }

  private Image pull(
      Pod pod,
      Wanted wanted,
      ImageReference reference,
      Key key,
      String policy,
      PodSandboxConfig sandbox)
      throws ImageException, InterruptedException {
    String name = wanted.reference();
    // Before there is a place: a program that takes its time keeps nobody else's pull waiting.
    PullSecrets.Found credentials = secrets.find(pod, reference);
    if (!credentials.missing().isEmpty()) {
      events.warning(
          pod,
          "",
          "FailedToRetrieveImagePullSecret",
          "Unable to retrieve some image pull secrets ("
              + String.join(", ", credentials.missing())
              + "); attempting to pull the image may not succeed.");
    }
    long asked = time.nanos();
    pulls.acquire();
    try {
      events.normal(pod, wanted.container(), "Pulling", "Pulling image \"" + name + "\"");
      long began = time.nanos();
      pullWithAny(name, credentials.matching(), sandbox);
      backoffs.remove(key);
      Image image =
          find(name, time.now())
              .orElseThrow(() -> failed(key, policy, "the image vanished after it was pulled"));
      long ended = time.nanos();
      events.normal(
          pod,
          wanted.container(),
          "Pulled",
          "Successfully pulled image \""
              + name
              + "\" in "
              + spell(ended - began)
              + " ("
              + spell(ended - asked)
              + " including waiting). Image size: "
              + image.getSize()
              + " bytes.");
      return image;
    } catch (CriException failure) {
      String message = message(failure);
      events.warning(
          pod, wanted.container(), "Failed", "Failed to pull image \"" + name + "\": " + message);
      throw failed(key, policy, message);
    } finally {
      pulls.release();
    }
  }

  private void pullWithAny(String name, List<AuthConfig> credentials, PodSandboxConfig sandbox) {
    @Nullable CriException refused = null;
    for (AuthConfig one : credentials) {
      try {
        store.pull(name, one, sandbox);
        return;
      } catch (CriException failure) {
        refused = failure;
      }
    }
    if (refused != null) {
      throw refused;
    }
    store.pull(name, null, sandbox);
  }

  private ImageException failed(Key key, String policy, String message) {
    Instant now = time.now();
    Backoff next =
        backoffs.compute(
            key,
            (same, before) -> {
              Duration delay =
                  before == null || now.isAfter(before.until().plus(LONGEST_BACKOFF))
                      ? FIRST_BACKOFF
                      : before.delay().multipliedBy(2);
              Duration capped = delay.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : delay;
              return new Backoff(capped, message, now, now.plus(capped));
            });
    return backsOff(key, policy, next, now);
  }

  private static ImageException backsOff(Key key, String policy, Backoff backoff, Instant now) {
    Instant look = now.plus(RECHECK);
    // Where every start pulls, an image that somebody imported does not help.
    boolean pulls = policy.equals("Always") || look.isAfter(backoff.until());
    return new ImageException(
        "ErrImagePull",
        key.image(),
        backoff.message(),
        new ImageException.Times(backoff.since(), backoff.until(), pulls ? backoff.until() : look));
  }

  private static String policy(Wanted wanted, ImageReference reference) {
    String policy = wanted.policy();
    if (policy != null && !policy.isEmpty()) {
      return policy;
    }
    return reference.suffix().equals(":latest") ? "Always" : "IfNotPresent";
  }

  private static String message(CriException failure) {
    return failure.code() == Status.Code.DEADLINE_EXCEEDED
        ? "the pull did not end in time: " + failure.getMessage()
        : String.valueOf(failure.getMessage());
  }

  private static String spell(long nanos) {
    long millis = nanos / 1_000_000;
    return millis < 1000
        ? millis + "ms"
        : millis / 1000 + "." + String.format("%03d", millis % 1000) + "s";
  }
}
