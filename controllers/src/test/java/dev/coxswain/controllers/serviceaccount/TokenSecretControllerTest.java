package dev.coxswain.controllers.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

final class TokenSecretControllerTest {
  @TempDir private Path folder;
  private KeyPair keys;
  private Simulation simulation;

  @BeforeEach
  void start() throws GeneralSecurityException, IOException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    keys = generator.generateKeyPair();
    String body = Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded());
    Path file =
        Files.writeString(
            folder.resolve("sa.key"),
            "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
    simulation = new Simulation(3, new TokenSecretController(TokenSigner.read(file), "PEM"));
    simulation.restart();
  }

  private void account(String name) {
    simulation
        .api()
        .resource(ServiceAccount.class)
        .create(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .build());
  }

  private void secret(String name, String type, String account) {
    simulation
        .api()
        .resource(Secret.class)
        .create(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .addToAnnotations("kubernetes.io/service-account.name", account)
                .endMetadata()
                .withType(type)
                .build());
  }

  private Optional<Secret> stored(String name) {
    return simulation.stored(Secret.class, "default", name);
  }

  private static String decoded(Secret secret, String key) {
    return new String(
        Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
  }

  @Test
  void aSecretIsFilledWithATokenOfItsAccount() throws GeneralSecurityException {
    account("web");
    secret("web-token", "kubernetes.io/service-account-token", "web");
    secret("other", "Opaque", "web");
    simulation.rest();
    Secret filled = stored("web-token").orElseThrow();
    assertThat(decoded(filled, "namespace")).isEqualTo("default");
    assertThat(decoded(filled, "ca.crt")).isEqualTo("PEM");
    String[] parts = decoded(filled, "token").split("\\.", -1);
    ObjectNode claims = Json.parseObject(Base64.getUrlDecoder().decode(parts[1]));
    assertThat(Json.text(claims, "sub")).isEqualTo("system:serviceaccount:default:web");
    assertThat(Json.text(claims, "kubernetes.io/serviceaccount/secret.name"))
        .isEqualTo("web-token");
    assertThat(claims.has("exp")).isFalse();
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(keys.getPublic());
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
    assertThat(Meta.map(stored("other").orElseThrow().getData())).isEmpty();
  }

  @Test
  void whatIsTakenOutIsPutBackAndTheTokenStays() {
    account("web");
    secret("web-token", "kubernetes.io/service-account-token", "web");
    simulation.rest();
    Secret filled = stored("web-token").orElseThrow();
    simulation
        .api()
        .resource(Secret.class)
        .update(new SecretBuilder(filled).removeFromData("ca.crt").build());
    simulation.rest();
    assertThat(stored("web-token").orElseThrow().getData()).isEqualTo(filled.getData());
  }

  @Test
  void itGoesWithItsAccount() {
    account("web");
    secret("web-token", "kubernetes.io/service-account-token", "web");
    secret("lost", "kubernetes.io/service-account-token", "nobody");
    simulation.rest();
    assertThat(stored("lost")).isEmpty();
    simulation
        .api()
        .resource(ServiceAccount.class)
        .delete(new ObjectKey("default", "web"), DeleteOptions.DEFAULT);
    simulation.rest();
    assertThat(stored("web-token")).isEmpty();
  }
}
