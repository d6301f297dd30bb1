package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coxswain.api.meta.GroupResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreOverrideTest {
  @Test
  void theCoreGroupIsSpelledAsNothing() {
    StoreOverride events = StoreOverride.parse("/events#https://a:2379;https://b:2379");
    assertThat(events.resource()).isEqualTo(new GroupResource("", "events"));
    assertThat(events.servers()).containsExactly("https://a:2379", "https://b:2379");
    assertThat(StoreOverride.parse("coordination.k8s.io/leases#http://c:1").resource())
        .isEqualTo(new GroupResource("coordination.k8s.io", "leases"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"events", "events#https://a", "/#https://a", "/events#", "/events#a;", "/e#a#b"})
  void anythingElseIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StoreOverride.parse(text))
        .withMessageContaining("--etcd-servers-overrides: " + text + " must be of the form");
  }
}
