package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.http.LocalRequests.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is sent gzip, and of what. */
final class CompressionTest {
  /** From here on upstream compresses, too. */
  private static final int THRESHOLD = 128 << 10;

  private static Reply ask(String accepted, Answer answer) throws InterruptedException {
    return LocalRequests.send(
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) throws InterruptedException {
            exchange.answer(answer);
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        },
        "GET",
        "/",
        accepted.isEmpty() ? Map.of() : Map.of("Accept-Encoding", accepted),
        new byte[0]);
  }

  /** Some letters of which no two pieces of a kibibyte are the same. */
  private static byte[] text(int length) {
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = (byte) ('a' + (i * 31 + (i >> 10)) % 26);
    }
    return text;
  }

  private static Answer answer(byte[] body) {
    int middle = body.length / 3;
    return new Answer(
        200,
        Answer.JSON,
        Map.of(),
        List.of(Arrays.copyOf(body, middle), Arrays.copyOfRange(body, middle, body.length)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "deflate, gzip", "br;q=1.0, gzip;q=0.5", "gzip;q=1"})
  void aLongAnswerIsCompressedForWhoTakesIt(String accepted) throws Exception {
    for (int length : List.of(THRESHOLD, 10 * THRESHOLD + 1)) {
      byte[] body = text(length);
      Reply reply = ask(accepted, answer(body));
      assertThat(reply.headers())
          .containsEntry("content-encoding", "gzip")
          .containsEntry("vary", "Accept-Encoding")
          .containsEntry("content-type", Answer.JSON)
          .doesNotContainKey("content-length");
      assertThat(reply.bytes()).hasSizeLessThan(length / 2);
      assertThat(unpacked(reply.bytes())).isEqualTo(body);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "identity", "deflate, br", "gzip;q=0", "gzip; q=0.0", "x-gzip"})
  void whoTakesNoneIsSentItAsItIs(String accepted) throws InterruptedException {
    byte[] body = text(THRESHOLD + 1000);
    Reply reply = ask(accepted, answer(body));
    assertThat(reply.headers())
        .doesNotContainKey("content-encoding")
        .containsEntry("content-length", Integer.toString(body.length));
    assertThat(reply.bytes()).isEqualTo(body);
  }

  @Test
  void aShorterAnswerIsNotWorthIt() throws InterruptedException {
    for (int length : List.of(0, 100, (64 << 10) + 1, THRESHOLD - 1)) {
      byte[] body = text(length);
      Reply reply = ask("gzip", answer(body));
      assertThat(reply.headers()).doesNotContainKey("content-encoding");
      assertThat(reply.bytes()).isEqualTo(body);
    }
  }

  @Test
  void whatIsCompressedAlreadyIsNotCompressedAgain() throws InterruptedException {
    byte[] body = text(THRESHOLD + 1000);
    Reply reply = ask("gzip", answer(body).with("Content-Encoding", "gzip"));
    assertThat(reply.headers()).containsEntry("content-encoding", "gzip");
    assertThat(reply.bytes()).isEqualTo(body);
  }

  private static byte[] unpacked(byte[] bytes) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }
}
