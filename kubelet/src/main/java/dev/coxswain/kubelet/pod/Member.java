package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container of a pod's spec with the part it plays.
 *
 * @param target the container whose processes an ephemeral one wants to see; null for none
 */
public record Member(Container container, ContainerKind kind, @Nullable String target) {

  /** All containers of the pod in the order in which they start. */
  public static List<Member> of(Pod pod) {
    List<Member> members = new ArrayList<>();
    for (Container container : pod.getSpec().getInitContainers()) {
      members.add(new Member(container, ContainerKind.ofInit(container), null));
    }
    for (Container container : pod.getSpec().getContainers()) {
      members.add(new Member(container, ContainerKind.MAIN, null));
    }
    for (EphemeralContainer container : pod.getSpec().getEphemeralContainers()) {
      members.add(
          new Member(
              common(container), ContainerKind.EPHEMERAL, container.getTargetContainerName()));
    }
    return members;
  }

  /** The container of this name. */
  public static Optional<Member> find(Pod pod, String name) {
    return of(pod).stream().filter(member -> member.name().equals(name)).findFirst();
  }

  /** Its name within the pod. */
  public String name() {
    return container.getName();
  }

  /** Changes exactly when a running container must be replaced: the image is all that may. */
  public String hash() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  (container.getName() + "\n" + container.getImage())
                      .getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every JDK has SHA-256", absent);
    }
  }

  private static Container common(EphemeralContainer ephemeral) {
    return new ContainerBuilder()
        .withName(ephemeral.getName())
        .withImage(ephemeral.getImage())
        .withImagePullPolicy(ephemeral.getImagePullPolicy())
        .withCommand(ephemeral.getCommand())
        .withArgs(ephemeral.getArgs())
        .withWorkingDir(ephemeral.getWorkingDir())
        .withEnv(ephemeral.getEnv())
        .withEnvFrom(ephemeral.getEnvFrom())
        .withVolumeMounts(ephemeral.getVolumeMounts())
        .withSecurityContext(ephemeral.getSecurityContext())
        .withStdin(ephemeral.getStdin())
        .withStdinOnce(ephemeral.getStdinOnce())
        .withTty(ephemeral.getTty())
        .withTerminationMessagePath(ephemeral.getTerminationMessagePath())
        .withTerminationMessagePolicy(ephemeral.getTerminationMessagePolicy())
        .build();
  }
}
