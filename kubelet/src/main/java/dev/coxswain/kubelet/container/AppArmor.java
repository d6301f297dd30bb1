package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.proto.cri.SecurityProfile;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Profiles of AppArmor, which not every kernel has. */
final class AppArmor {
  private static final Path ENABLED = Path.of("/sys/module/apparmor/parameters/enabled");

  private AppArmor() {}

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
      case "Unconfined" -> result.setProfileType(SecurityProfile.ProfileType.Unconfined);
      case "Localhost" ->
          result
              .setProfileType(SecurityProfile.ProfileType.Localhost)
              .setLocalhostRef(profile.getLocalhostProfile());
      default -> result.setProfileType(SecurityProfile.ProfileType.RuntimeDefault);
    }
    if (!enabled && result.getProfileType() != SecurityProfile.ProfileType.Unconfined) {
      throw new ConfigException("Cannot enforce AppArmor: AppArmor is not enabled on the host");
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
