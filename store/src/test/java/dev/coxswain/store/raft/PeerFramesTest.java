package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerFramesTest {
  private final List<Runnable> turn = new ArrayList<>();
  private final List<byte[]> messages = new ArrayList<>();
  private final PeerFrames frames = new PeerFrames(turn::add, messages::add);

  @Test
  void whatComesTogetherLeavesInOneMessage() {
    frames.send(1, new byte[] {1});
    frames.send(2, new byte[] {});
    frames.send(3, new byte[] {3, 3});
    assertThat(messages).isEmpty();
    endTurn();
    assertThat(messages).hasSize(1);
    assertThat(PeerFrames.read(messages.getFirst()))
        .extracting(PeerFrames.Frame::number)
        .containsExactly(1L, 2L, 3L);
    assertThat(PeerFrames.read(messages.getFirst()).get(2).body()).containsExactly(3, 3);
  }

  @Test
  void whatComesAfterATurnHasAnother() {
    frames.send(1, new byte[] {1});
    endTurn();
    frames.send(2, new byte[] {2});
    assertThat(messages).hasSize(1);
    endTurn();
    assertThat(messages).hasSize(2);
  }

  @Test
  void messagesAreBounded() {
    for (int i = 0; i < 5; i++) {
      frames.send(i, new byte[400_000]);
    }
    frames.send(5, new byte[3_000_000]);
    endTurn();
    assertThat(messages)
        .extracting(message -> PeerFrames.read(message).size())
        .containsExactly(2, 2, 1, 1);
  }

  @Test
  void aCutMessageIsRefused() {
    byte[] whole = PeerFrames.message(List.of(new PeerFrames.Frame(1, new byte[] {1, 2})));
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatIllegalArgumentException().isThrownBy(() -> PeerFrames.read(cut));
    }
  }

  private void endTurn() {
    List<Runnable> tasks = List.copyOf(turn);
    turn.clear();
    tasks.forEach(Runnable::run);
  }
}
