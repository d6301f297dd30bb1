package dev.coxswain.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.cri.RuntimeFeatures;
import dev.coxswain.proto.cri.RuntimeHandler;
import dev.coxswain.proto.cri.RuntimeHandlerFeatures;
import dev.coxswain.proto.cri.StatusResponse;
import io.fabric8.kubernetes.api.model.NodeFeatures;
import io.fabric8.kubernetes.api.model.NodeRuntimeHandler;
import io.fabric8.kubernetes.api.model.NodeRuntimeHandlerFeatures;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class NodeAbilitiesTest {

  @Test
  void whatTheRuntimeCanIsTold() {
    StatusResponse told =
        StatusResponse.newBuilder()
            .addRuntimeHandlers(handler("runc", true))
            .addRuntimeHandlers(handler("", true))
            .addRuntimeHandlers(handler("old", false))
            .setFeatures(RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true))
            .build();
    assertThat(NodeAbilities.handlers(told))
        .containsExactly(shown(null, true), shown("old", false), shown("runc", true));
    assertThat(NodeAbilities.features(told)).contains(new NodeFeatures(true));
  }

  @Test
  void aRuntimeThatTellsNothingIsSaidNothingOf() {
    assertThat(NodeAbilities.handlers(StatusResponse.getDefaultInstance())).isEmpty();
    assertThat(NodeAbilities.features(StatusResponse.getDefaultInstance())).isEmpty();
  }

  private static RuntimeHandler handler(String name, boolean readOnly) {
    return RuntimeHandler.newBuilder()
        .setName(name)
        .setFeatures(RuntimeHandlerFeatures.newBuilder().setRecursiveReadOnlyMounts(readOnly))
        .build();
  }

  private static NodeRuntimeHandler shown(@Nullable String name, boolean readOnly) {
    return new NodeRuntimeHandler(new NodeRuntimeHandlerFeatures(readOnly, false), name);
  }
}
