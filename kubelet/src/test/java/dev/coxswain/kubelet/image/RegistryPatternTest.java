package dev.coxswain.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistryPatternTest {

  @ParameterizedTest
  @CsvSource({
    "registry.example,registry.example/a:1",
    "*.example,registry.example/a:1",
    "registry.*,registry.example/a:1",
    "*.dkr.ecr.*.amazonaws.com,1234.dkr.ecr.eu.amazonaws.com/a",
    "app*.example,app12.example/a",
    "registry.example:5000,registry.example:5000/a",
    "*.example:5000/team,registry.example:5000/team/a",
    "registry.example/team,registry.example/teams/a",
    "registry.example/,registry.example/a",
    "docker.io,busybox",
    "docker.io/library,busybox@sha256:0123456789abcdef0123456789abcdef",
    "localhost:5000,localhost:5000/a"
  })
  void aGlobStandsForAPartOfTheHostAndThePathIsHowTheImageBegins(String pattern, String image) {
    assertThat(matches(pattern, image)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "*.example,a.b.example/c",
    "*,registry.example/a",
    "*.*,registry.example:5000/a",
    "registry.example/*,registry.example/a",
    "registry.example/team/a,registry.example/team",
    "registry-example,registry.example/a",
    "docker.io/a,busybox",
    "Registry.example,registry.example/a"
  })
  void nothingElseMatches(String pattern, String image) {
    assertThat(matches(pattern, image)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:port/x", "a/x y", "a?b=c/d#e", "a:1:2", "a:*/b"})
  void someTextIsNoPattern(String text) {
    assertThat(RegistryPattern.parse(text)).isEmpty();
  }

  private static boolean matches(String pattern, String image) {
    return RegistryPattern.parse(pattern)
        .orElseThrow()
        .matches(ImageReference.parse(image).orElseThrow());
  }
}
