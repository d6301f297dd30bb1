package dev.coxswain.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.cri.AuthConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegistryConfigTest {

  @ParameterizedTest
  @CsvSource({
    "registry.example:5000,registry.example:5000/a/b:1",
    "https://registry.example/v2/,registry.example/a:1",
    "registry.example/team,registry.example/team/a:1",
    "registry.example/team/a,registry.example/team/a:1",
    "*.example,registry.example/a",
    "https://index.docker.io/v1/,busybox"
  })
  void anEntryIsForItsRegistryAndPath(String entry, String image) {
    assertThat(users(entry, image)).containsExactly("me");
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example,registry.example:5000/a:1",
    "registry.example/team,registry.example/teams/a:1",
    "*.example,a.b.example/a:1",
    "registry.example,registry-example/a:1",
    "rXgistry.example,registry.example/a:1"
  })
  void andForNoOther(String entry, String image) {
    assertThat(users(entry, image)).isEmpty();
  }

  @Test
  void theLongestComesFirstAndBothFormsOfNamingAreRead() {
    List<AuthConfig> found =
        RegistryConfig.matching(
            """
            {"auths": {"r.example": {"auth": "d2lkZTpwOnc="},
                       "r.example/team": {"username": "close", "password": "x"}}}
            """
                .getBytes(StandardCharsets.UTF_8),
            ImageReference.parse("r.example/team/a:1").orElseThrow());
    assertThat(found).extracting(AuthConfig::getUsername).containsExactly("close", "wide");
    assertThat(found).extracting(AuthConfig::getPassword).containsExactly("x", "p:w");
    assertThat(found).extracting(AuthConfig::getServerAddress).containsOnly("");
  }

  private static List<String> users(String entry, String image) {
    return RegistryConfig.matching(
            ("{\"" + entry + "\": {\"username\": \"me\"}}").getBytes(StandardCharsets.UTF_8),
            ImageReference.parse(image).orElseThrow())
        .stream()
        .map(AuthConfig::getUsername)
        .toList();
  }
}
