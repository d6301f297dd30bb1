package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;

final class PeerLinkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(7);

  /** The other side: what was asked on one stream, and the way to answer. */
  private record Opened(StreamObserver<byte[]> answers, List<byte[]> asked) {
    void answer(int index) {
      PeerFrames.Frame request = PeerFrames.read(asked.get(index)).getFirst();
      byte[] answer = bytes("re:" + text(request.body()));
      answers.onNext(PeerFrames.message(List.of(new PeerFrames.Frame(request.number(), answer))));
    }
  }

  private final List<Opened> streams = new ArrayList<>();
  private final PeerLink link =
      new PeerLink(answers -> {
        Opened opened = new Opened(answers, new ArrayList<>());
        streams.add(opened);
        return new Requests(opened.asked());
      });

  private record Requests(List<byte[]> asked) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] frame) {
      asked.add(frame);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  @Test
  void answersComeInAnyOrder() {
    var first = ask("a");
    var second = ask("b");
    streams.getFirst().answer(1);
    assertThat(first).isNotDone();
    streams.getFirst().answer(0);
    assertThat(text(first.join())).isEqualTo("re:a");
    assertThat(text(second.join())).isEqualTo("re:b");
    assertThat(streams).hasSize(1);
  }

  @Test
  void whatHadNoAnswerFailsWithItsStreamAndTheNextOpensAnother() {
    var lost = ask("a");
    streams.getFirst().answers().onError(Status.UNAVAILABLE.asRuntimeException());
    assertThat(lost).isCompletedExceptionally();
    var next = ask("b");
    assertThat(streams).hasSize(2);
    streams.get(1).answer(0);
    assertThat(text(next.join())).isEqualTo("re:b");
  }

  @Test
  void whatWaitsTooLongFails() {
    var late = ask("a");
    link.expire(PATIENCE.toNanos() - 1);
    assertThat(late).isNotDone();
    link.expire(PATIENCE.toNanos());
    assertThat(late)
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(StatusRuntimeException.class);
  }

  private CompletableFuture<byte[]> ask(String text) {
    return link.ask(bytes(text), 0, PATIENCE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
