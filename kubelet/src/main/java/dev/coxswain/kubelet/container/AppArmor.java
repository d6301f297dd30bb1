package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.proto.cri.SecurityProfile;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Profiles of AppArmor, which not every kernel has. */
public final class AppArmor {
  private static final String NOT_ENFORCED =
      "Cannot enforce AppArmor: AppArmor is not enabled on the host";
  private static final String UNCONFINED = "Unconfined";
  private static final Path ENABLED = Path.of("/sys/module/apparmor/parameters/enabled");

  private AppArmor() {}

  /**
   * Why the node cannot run the pod as it asks to be confined: it would wait for ever, and somebody
   * who finds another node for it hears of it only where it fails.
   */
  public static Optional<String> problem(Pod pod) {
    return problem(pod, enabled());
  }

  static Optional<String> problem(Pod pod, boolean enabled) {
    return enabled || Member.of(pod).stream().noneMatch(member -> confined(pod, member.container()))
        ? Optional.empty()
        : Optional.of(NOT_ENFORCED);
  }

  private static boolean confined(Pod pod, Container container) {
    @Nullable AppArmorProfile own =
        container.getSecurityContext() == null
            ? null
            : container.getSecurityContext().getAppArmorProfile();
    @Nullable AppArmorProfile shared =
        pod.getSpec().getSecurityContext() == null
            ? null
            : pod.getSpec().getSecurityContext().getAppArmorProfile();
    @Nullable AppArmorProfile profile = own == null ? shared : own;
    return profile != null && !UNCONFINED.equals(profile.getType());
  }

  /**
   * The profile as CRI wants it; empty where none is asked for, and the runtime applies its own.
   *
   * @throws ConfigException where it cannot be enforced: to run without it would be less than asked
   */
  static Optional<SecurityProfile> of(@Nullable AppArmorProfile profile) throws ConfigException {
    return of(profile, enabled());
  }

  static Optional<SecurityProfile> of(@Nullable AppArmorProfile profile, boolean enabled)
      throws ConfigException {
    if (profile == null) {
      return Optional.empty();
    }
    SecurityProfile.Builder result = SecurityProfile.newBuilder();
    switch (profile.getType()) {
      case UNCONFINED -> result.setProfileType(SecurityProfile.ProfileType.Unconfined);
      case "Localhost" ->
          result
              .setProfileType(SecurityProfile.ProfileType.Localhost)
              .setLocalhostRef(profile.getLocalhostProfile());
      default -> result.setProfileType(SecurityProfile.ProfileType.RuntimeDefault);
    }
    if (!enabled && result.getProfileType() != SecurityProfile.ProfileType.Unconfined) {
      throw new ConfigException(NOT_ENFORCED);
    }
    return Optional.of(result.build());
  }

  private static boolean enabled() {
    try {
      return Files.readString(ENABLED).startsWith("Y");
    } catch (IOException none) {
      return false;
    }
  }
}
