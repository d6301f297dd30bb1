package dev.coxswain.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.raft.StoreNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class MemberLivesTest {
  private static final Duration LONG_LIFE = Duration.ofSeconds(11);

  @TempDir private Path directory;
  private final ManualTime time = new ManualTime();
  private final Births births = new Births();
  private final List<String> halted = new CopyOnWriteArrayList<>();

  /** What becomes of the members, in order, and each one's way to say that it cannot go on. */
  private static final class Births implements MemberLives.Origin {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<StoreNode.Halt> halts = new CopyOnWriteArrayList<>();
    private volatile Beginning beginning = (number, halt) -> {};

    /** What happens while a member starts. */
    interface Beginning {
      void with(int number, StoreNode.Halt halt);
    }

    @Override
    public MemberLives.Living open(StoreNode.Halt halt) {
      halts.add(halt);
      int number = halts.size();
      return new MemberLives.Living() {
        @Override
        public void start() {
          beginning.with(number, halt);
          told.add("started " + number);
        }

        @Override
        public void stop() {
          told.add("stopped " + number);
        }

        @Override
        public void abandon() {
          told.add("abandoned " + number);
        }
      };
    }

    @Override
    public void checkRescue(DamagedException damage) {}

    @Override
    public void awaitRescue(DamagedException damage, BooleanSupplier isStopped) {}

    void await(String event) {
      org.awaitility.Awaitility.await(event).until(() -> told.contains(event));
    }

    /** Which way depends on whether it was known to have begun when all was stopped. */
    void awaitEnd(int number) {
      org.awaitility.Awaitility.await("the end of " + number)
          .until(() -> told.contains("stopped " + number) || told.contains("abandoned " + number));
    }
  }

  private MemberLives lives() {
    return new MemberLives(directory, births, time, halted::add);
  }

  @Test
  void whatIsHeardOfALifeThatIsOverEndsNoOther() throws IOException {
    MemberLives lives = lives();
    lives.start();
    int rounds = 20;
    for (int round = 1; round <= rounds; round++) {
      time.advance(LONG_LIFE);
      births.halts.get(round - 1).beginAnew("the disk failed");
      births.await("started " + (round + 1));
      // Replication under the old one ends, too, and that it did is found out only now.
      births.halts.get(round - 1).beginAnew("replication has ended by itself");
    }
    lives.stop();
    births.awaitEnd(rounds + 1);
    assertThat(births.halts).hasSize(rounds + 1);
    assertThat(halted).isEmpty();
  }

  @Test
  void oneThatFailsWhileItStartsIsGivenUpBeforeTheNextBegins() throws IOException {
    births.beginning =
        (number, halt) -> {
          if (number < 3) {
            halt.beginAnew("the disk failed");
          }
        };
    MemberLives lives = lives();
    lives.start();
    births.await("started 3");
    lives.stop();
    births.awaitEnd(3);
    assertThat(births.told)
        .startsWith("started 1", "abandoned 1", "started 2", "abandoned 2", "started 3")
        .hasSize(6);
    assertThat(halted).isEmpty();
  }

  @Test
  void oneThatBeginsAnewWhileAllIsStoppedDoesNotStay() throws IOException {
    var mayStart = new CountDownLatch(1);
    births.beginning =
        (number, halt) -> {
          if (number == 2) {
            awaitQuietly(mayStart);
          }
        };
    MemberLives lives = lives();
    lives.start();
    births.halts.getFirst().beginAnew("the disk failed");
    await().until(() -> births.halts.size() == 2);
    lives.stop();
    mayStart.countDown();
    births.await("abandoned 2");
    assertThat(halted).isEmpty();
  }

  @Test
  void oneThatFailsAgainAndAgainEndsTheProcess() throws IOException {
    MemberLives lives = lives();
    lives.start();
    for (int life = 1; life <= 4; life++) {
      births.await("started " + life);
      births.halts.get(life - 1).beginAnew("the disk failed");
    }
    assertThat(halted).containsExactly("the disk failed");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
