package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HealthTest {
  @Test
  void anAnswerEndsWhereItSaysOrWhereTheConnectionEnds() throws IOException {
    assertThat(read("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more")).contains("ok");
    assertThat(read("HTTP/1.1 200 OK\r\n\r\nhealthy")).contains("healthy");
  }

  @Test
  void anythingButOkIsNoAnswer() throws IOException {
    assertThat(read("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")).isEmpty();
    assertThat(read("")).isEmpty();
  }

  @Test
  void aHeaderWithoutEndIsGivenUp() {
    assertThatThrownBy(() -> read("x".repeat(10_000))).isInstanceOf(IOException.class);
  }

  private static Optional<String> read(String answer) throws IOException {
    return Health.okBody(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
  }
}
