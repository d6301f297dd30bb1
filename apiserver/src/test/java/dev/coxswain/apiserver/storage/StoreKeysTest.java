package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import org.junit.jupiter.api.Test;

class StoreKeysTest {
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final GroupResource DEPLOYMENTS = new GroupResource("apps", "deployments");

  @Test
  void keysAreTakenApartAsTheyWerePutTogether() {
    assertThat(StoreKeys.key(PODS, new ObjectKey("a", "b"))).isEqualTo("/registry/core/pods/a/b");
    assertThat(StoreKeys.parse("/registry/core/pods/a/b"))
        .isEqualTo(new StoreKeys.Parsed(PODS, new ObjectKey("a", "b")));
    assertThat(StoreKeys.parse(StoreKeys.key(DEPLOYMENTS, ObjectKey.cluster("x"))))
        .isEqualTo(new StoreKeys.Parsed(DEPLOYMENTS, ObjectKey.cluster("x")));
  }

  @Test
  void otherKeysAreNoObjects() {
    assertThat(StoreKeys.parse("/coxswain/x")).isNull();
    assertThat(StoreKeys.parse("/registry/core")).isNull();
    assertThat(StoreKeys.parse("/registry/core/pods/")).isNull();
    assertThat(StoreKeys.parse("/registry/core/pods/a/")).isNull();
  }

  @Test
  void aRangeEndsBehindItsPrefix() {
    assertThat(StoreKeys.end("/registry/core/pods/")).isEqualTo("/registry/core/pods0");
    assertThat(StoreKeys.prefix(PODS, "a")).isEqualTo("/registry/core/pods/a/");
  }
}
