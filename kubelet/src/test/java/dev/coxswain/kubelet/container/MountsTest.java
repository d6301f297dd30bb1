package dev.coxswain.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.kubelet.env.ConfigException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MountsTest {
  private static final Mounts.Recursion KNOWN = pod -> true;
  private static final Mounts.Recursion UNKNOWN = pod -> false;
  private static final Mounts.Recursion UNASKED =
      pod -> {
        throw new AssertionError("nobody wants to know");
      };

  @Test
  void allBelowAMountIsReadOnlyWhereThatIsAskedFor() throws Exception {
    assertThat(recursive("Enabled", KNOWN)).isTrue();
    assertThat(recursive("IfPossible", KNOWN)).isTrue();
    assertThat(recursive("IfPossible", UNKNOWN)).isFalse();
    assertThat(recursive("Disabled", UNASKED)).isFalse();
    assertThat(recursive(null, UNASKED)).isFalse();
  }

  @Test
  void whatTheRuntimeCannotDoIsNotLeftOutSilently() {
    assertThatThrownBy(() -> recursive("Enabled", UNKNOWN))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "volume \"data\" requested recursive read-only mode, but it is not supported by the"
                + " runtime");
  }

  @Test
  void aPathWithinAVolumeIsNamedByTheEnvironment() throws Exception {
    assertThat(subPath("logs/$(POD)")).isEqualTo("logs/web-1");
    assertThat(subPath("logs/$$(POD)")).isEqualTo("logs/$(POD)");
    assertThat(subPath("plain")).isEqualTo("plain");
  }

  @Test
  void withoutAValueForItsPathNothingIsMountedAndNotTheWholeVolume() {
    assertThatThrownBy(() -> subPath("$(EMPTY)"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("missing value for EMPTY");
    assertThatThrownBy(() -> subPath("$(POD)/$(NONE)/$(EMPTY)"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("missing value for EMPTY, NONE");
  }

  private static String subPath(String expression) throws ConfigException {
    VolumeMount mount =
        new VolumeMountBuilder().withName("data").withSubPathExpr(expression).build();
    return Mounts.subPath(mount, Map.of("POD", "web-1", "EMPTY", ""));
  }

  private static boolean recursive(@Nullable String mode, Mounts.Recursion recursion)
      throws ConfigException {
    VolumeMount mount =
        new VolumeMountBuilder()
            .withName("data")
            .withReadOnly(true)
            .withRecursiveReadOnly(mode)
            .build();
    return Mounts.recursive(mount, new Pod(), recursion);
  }
}
