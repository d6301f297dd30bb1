package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ContainerUser;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A container as the runtime shows it.
 *
 * @param id the runtime's id
 * @param name the name in the pod's spec
 * @param restarts how many containers of this name the pod had before
 * @param startedAt null while it has not run
 * @param finishedAt null while it has not ended
 * @param reason the runtime's word for the end, such as {@code OOMKilled}; empty where there is
 *     none
 * @param message the termination message; empty where there is none
 * @param hash the hash of the spec it was made from; empty where it is not known
 * @param backoff how long after its end the next one may start
 * @param resources what it was made with; null where it is not known
 * @param setup what the runtime made of its description
 */
public record ContainerView(
    String id,
    String name,
    String sandboxId,
    int restarts,
    State state,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int exitCode,
    String reason,
    String message,
    String image,
    String imageId,
    String hash,
    Duration backoff,
    @Nullable ResourceRequirements resources,
    Setup setup) {

  /**
   * What the runtime made of a container's description.
   *
   * @param readOnlyRecursively the paths in the container whose mounts are read-only with all below
   *     them
   * @param user as which its first process was started; null where the runtime does not tell
   */
  public record Setup(Set<String> readOnlyRecursively, @Nullable ContainerUser user) {
    /** Where the runtime tells nothing. */
    public static final Setup UNTOLD = new Setup(Set.of(), null);

    public Setup {
      readOnlyRecursively = Set.copyOf(readOnlyRecursively);
    }
  }

  /** CRI's container states. */
  public enum State {
    CREATED,
    RUNNING,
    EXITED,
    /** The runtime lost track of it; it must be stopped before anything else is done with it. */
    UNKNOWN
  }

  /** Whether a process of it may be alive. */
  public boolean alive() {
    return state == State.RUNNING || state == State.UNKNOWN;
  }

  /** Whether it ran to its end. */
  public boolean exited() {
    return state == State.EXITED;
  }

  /** Whether the pod has come to ask for another one than it was made for. */
  boolean outdated(Member member) {
    return !hash.isEmpty() && !hash.equals(member.hash());
  }

  /** The same with this termination message. */
  public ContainerView saying(String last) {
    return new ContainerView(
        id,
        name,
        sandboxId,
        restarts,
        state,
        createdAt,
        startedAt,
        finishedAt,
        exitCode,
        reason,
        last,
        image,
        imageId,
        hash,
        backoff,
        resources,
        setup);
  }

  /** When it ended; its creation where the runtime cannot say. */
  public Instant ended() {
    return finishedAt == null ? createdAt : finishedAt;
  }
}
