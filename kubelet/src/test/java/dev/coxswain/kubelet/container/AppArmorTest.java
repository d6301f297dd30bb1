package dev.coxswain.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.proto.cri.SecurityProfile;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AppArmorTest {
  private static final AppArmorProfile OWN = new AppArmorProfile("harbour", "Localhost");
  private static final AppArmorProfile DEFAULT = new AppArmorProfile(null, "RuntimeDefault");
  private static final AppArmorProfile NONE = new AppArmorProfile(null, "Unconfined");

  @Test
  void aProfileIsToldToTheRuntime() throws ConfigException {
    assertThat(AppArmor.of(null, true)).isEmpty();
    assertThat(AppArmor.of(OWN, true))
        .contains(
            SecurityProfile.newBuilder()
                .setProfileType(SecurityProfile.ProfileType.Localhost)
                .setLocalhostRef("harbour")
                .build());
    assertThat(AppArmor.of(DEFAULT, true)).contains(SecurityProfile.getDefaultInstance());
  }

  @Test
  void whatTheKernelCannotEnforceIsRefused() throws ConfigException {
    assertThat(AppArmor.of(null, false)).isEmpty();
    assertThat(AppArmor.of(NONE, false)).isPresent();
    assertThatThrownBy(() -> AppArmor.of(DEFAULT, false))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Cannot enforce AppArmor: AppArmor is not enabled on the host");
    assertThatThrownBy(() -> AppArmor.of(OWN, false)).isInstanceOf(ConfigException.class);
  }

  @Test
  void aPodThatAsksForWhatTheKernelCannotEnforceIsNoPodOfThisNode() {
    assertThat(AppArmor.problem(pod(null, null), false)).isEmpty();
    assertThat(AppArmor.problem(pod(NONE, null), false)).isEmpty();
    assertThat(AppArmor.problem(pod(OWN, NONE), false)).as("the container's own counts").isEmpty();
    assertThat(AppArmor.problem(pod(null, DEFAULT), false))
        .contains("Cannot enforce AppArmor: AppArmor is not enabled on the host");
    assertThat(AppArmor.problem(pod(OWN, null), false)).isPresent();
    assertThat(AppArmor.problem(pod(OWN, DEFAULT), true)).isEmpty();
  }

  private static Pod pod(@Nullable AppArmorProfile shared, @Nullable AppArmorProfile own) {
    return new PodBuilder()
        .withNewSpec()
        .withNewSecurityContext()
        .withAppArmorProfile(shared)
        .endSecurityContext()
        .addNewContainer()
        .withName("main")
        .withNewSecurityContext()
        .withAppArmorProfile(own)
        .endSecurityContext()
        .endContainer()
        .endSpec()
        .build();
  }
}
