package dev.coxswain.apiserver.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.runtime.time.ManualTime;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class BootstrapTokenAuthenticatorTest {
  private static final String TOKEN = "abcdef.0123456789abcdef";

  private final ManualTime time = new ManualTime();
  private final ObjectNode secret = Json.object().put("type", "bootstrap.kubernetes.io/token");
  private final ObjectView view =
      new ObjectView() {
        @Override
        public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
          return Optional.of(secret)
              .filter(any -> key.toString().equals("kube-system/bootstrap-token-abcdef"));
        }

        @Override
        public List<ObjectNode> list(GroupResource resource, String namespace) {
          throw new UnsupportedOperationException();
        }

        @Override
        public long revision(GroupResource resource) {
          throw new UnsupportedOperationException();
        }
      };
  private final BootstrapTokenAuthenticator authenticator =
      new BootstrapTokenAuthenticator(view, time);

  BootstrapTokenAuthenticatorTest() {
    data("token-id", "abcdef");
    data("token-secret", "0123456789abcdef");
    data("usage-bootstrap-authentication", "true");
  }

  private void data(String key, String value) {
    Json.ensureObject(secret, "data")
        .put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
  }

  private Optional<UserInfo> user(String token) {
    return authenticator.authenticate(Credentials.token(token));
  }

  private void assertRefused(String token, String why) {
    assertThatThrownBy(() -> user(token))
        .hasMessageContaining(why)
        .hasMessageNotContaining("0123456789abcdef");
  }

  @Test
  void aTokenIsAUserOfItsGroups() {
    data("auth-extra-groups", "system:bootstrappers:kubeadm:default-node-token");
    UserInfo user = user(TOKEN).orElseThrow();
    assertThat(user.name()).isEqualTo("system:bootstrap:abcdef");
    assertThat(user.groups())
        .containsExactly("system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token");
  }

  @Test
  void whatLooksDifferentIsNoSuchToken() {
    assertThat(user("abcdef.0123456789ABCDEF")).isEmpty();
    assertThat(user("a.b.c")).isEmpty();
  }

  @Test
  void theSecretMustBeKnownAndTheSame() {
    assertRefused("aaaaaa.0123456789abcdef", "is not known");
    assertRefused("abcdef.ffffffffffffffff", "is another");
    secret.put("type", "Opaque");
    assertRefused(TOKEN, "is another");
  }

  @Test
  void itEndsWhenItSays() {
    data("expiration", time.now().plusSeconds(10).toString());
    assertThat(user(TOKEN)).isPresent();
    time.advance(java.time.Duration.ofSeconds(10));
    assertRefused(TOKEN, "is expired");
    data("expiration", "some day");
    assertRefused(TOKEN, "is expired");
  }

  @Test
  void itIsForAuthenticationAndMakesNobodyAnAdministrator() {
    data("auth-extra-groups", "system:masters");
    assertRefused(TOKEN, "names a group");
    data("auth-extra-groups", "");
    data("usage-bootstrap-authentication", "false");
    assertRefused(TOKEN, "not for authentication");
  }

  @Test
  void aSecretThatIsDeletedIsGone() {
    Json.ensureObject(secret, "metadata").put("deletionTimestamp", "2026-11-21T10:00:00Z");
    assertRefused(TOKEN, "is deleted");
  }
}
