package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RevisionSpliceTest {

  private static String splice(String json, long revision) {
    return new String(
        RevisionSplice.with(json.getBytes(StandardCharsets.UTF_8), revision),
        StandardCharsets.UTF_8);
  }

  @Test
  void theRevisionStandsFirstInTheMetadata() {
    assertThat(splice("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}", 7))
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":"
                + "{\"resourceVersion\":\"7\",\"name\":\"a\"}}");
  }

  @Test
  void anEarlierRevisionIsReplaced() {
    String first =
        splice("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}", 7);
    assertThat(splice(first, 12345))
        .isEqualTo(first.replace("\"resourceVersion\":\"7\"", "\"resourceVersion\":\"12345\""));
  }

  @Test
  void emptyMetadataStaysValid() {
    String first = splice("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{}}", 7);
    assertThat(first)
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"7\"}}");
    assertThat(splice(first, 8)).isEqualTo(first.replace("7", "8"));
  }

  @Test
  void anotherLayoutIsParsed() {
    assertThat(splice("{\"kind\":\"Pod\",\"spec\":{},\"metadata\":{\"name\":\"a\"}}", 9))
        .isEqualTo(
            "{\"kind\":\"Pod\",\"spec\":{},\"metadata\":"
                + "{\"name\":\"a\",\"resourceVersion\":\"9\"}}");
  }
}
