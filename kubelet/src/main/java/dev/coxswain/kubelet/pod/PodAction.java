package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Duration;
import java.util.List;

/**
 * Something the machine wants done. The worker runs each on a thread of its own and never two of
 * the same {@link #key} at once.
 */
public sealed interface PodAction {

  /** What it works on; names it among the actions under way. */
  String key();

  /** Whether it makes something new, so that a pod that is to stop waits for its end. */
  default boolean creates() {
    return false;
  }

  /** Whether it takes something away; one that fails is repeated after a rest. */
  default boolean undoes() {
    return switch (this) {
      case StopContainer stop -> true;
      case RemoveContainer remove -> true;
      case StopSandbox stop -> true;
      case RemoveSandbox remove -> true;
      case Release release -> true;
      case Prepare prepare -> false;
      case RunSandbox run -> false;
      case StartContainer start -> false;
      case PreStop hook -> false;
      case Resize resize -> false;
      case Confirm confirm -> false;
    };
  }

  /** Whether nobody can look up afterwards what became of the pod. */
  default boolean forgets() {
    return this instanceof Confirm || this instanceof RemoveSandbox;
  }

  /** Whether the runtime has something else afterwards than before. */
  default boolean reachesRuntime() {
    return switch (this) {
      case RunSandbox run -> true;
      case StopSandbox stop -> true;
      case RemoveSandbox remove -> true;
      case StartContainer start -> true;
      case StopContainer stop -> true;
      case RemoveContainer remove -> true;
      case Resize resize -> true;
      case Prepare prepare -> false;
      case PreStop hook -> false;
      case Release release -> false;
      case Confirm confirm -> false;
    };
  }

  /** Makes the pod's directories, cgroup and volumes. */
  record Prepare() implements PodAction {
    @Override
    public String key() {
      return "prepare";
    }

    @Override
    public boolean creates() {
      return true;
    }
  }

  /** Creates a sandbox under an attempt number that was never used. */
  record RunSandbox(int attempt) implements PodAction {
    @Override
    public String key() {
      return "sandbox";
    }

    @Override
    public boolean creates() {
      return true;
    }
  }

  /** Stops a sandbox and gives its address back. */
  record StopSandbox(String id) implements PodAction {
    @Override
    public String key() {
      return "sandbox/" + id;
    }
  }

  /** Removes a stopped sandbox with all containers in it. */
  record RemoveSandbox(String id) implements PodAction {
    @Override
    public String key() {
      return "sandbox/" + id;
    }
  }

  /**
   * Fetches the image where needed, creates the container and starts it.
   *
   * @param restarts how many containers of the name there were before
   * @param backoff how long after this one's end the next may start
   */
  record StartContainer(
      String name, ContainerKind kind, String sandboxId, int restarts, Duration backoff)
      implements PodAction {
    @Override
    public String key() {
      return "start";
    }

    @Override
    public boolean creates() {
      return true;
    }
  }

  /**
   * Runs the preStop hook of a container that is to stop but must wait until others have.
   *
   * @param grace the longest that it may take
   */
  record PreStop(String id, String name, Duration grace) implements PodAction {
    @Override
    public String key() {
      return key(id);
    }

    static String key(String id) {
      return "hook/" + id;
    }
  }

  /**
   * Runs the preStop hook, then stops the container within the grace period.
   *
   * @param message what the event says
   * @param hook false where the container is already broken beyond a hook, or the hook has run
   * @param successor what comes after it
   */
  record StopContainer(
      String id, String name, Duration grace, String message, boolean hook, Successor successor)
      implements PodAction {
    @Override
    public String key() {
      return "container/" + id;
    }
  }

  /**
   * Gives running containers, and the pod's cgroup, the resources that the spec has come to give.
   */
  record Resize(List<Target> targets) implements PodAction {
    public Resize {
      targets = List.copyOf(targets);
    }

    /** A running container and what it is to have. */
    public record Target(String id, String name, ResourceRequirements resources) {}

    @Override
    public String key() {
      return "resize";
    }
  }

  /** Removes a container that does not run, and its log. */
  record RemoveContainer(String id, String name, int restarts) implements PodAction {
    @Override
    public String key() {
      return "container/" + id;
    }
  }

  /** Takes volumes and cgroup away; the pod has stopped for good. */
  record Release() implements PodAction {
    @Override
    public String key() {
      return "release";
    }
  }

  /** Deletes the pod from the API: everything of it has stopped and the last status is known. */
  record Confirm() implements PodAction {
    @Override
    public String key() {
      return "confirm";
    }
  }

  /** What comes after a container that is stopped. */
  enum Successor {
    /** What the restart policy says to its exit code. */
    BY_POLICY,
    /** It is to run again whatever it ends with: it was stopped because it is not well. */
    AFTER_BACKOFF,
    /** The same, and it has done nothing for which its successor would have to wait. */
    AT_ONCE
  }
}
