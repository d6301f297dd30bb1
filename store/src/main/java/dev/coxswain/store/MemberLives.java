package dev.coxswain.store;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.raft.StoreNode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member in its process. When its disk failed it, it begins anew from what is on disk: once there
 * is room, if that was it; as a newcomer that is sent everything, if what is there is damaged.
 */
final class MemberLives implements StoreNode.Halt {
  private static final Logger LOG = LoggerFactory.getLogger(MemberLives.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** One that fails so soon after it began, and again and again, is of no use. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(10);

  private static final int MOST_SHORT_LIVES = 3;

  private final StoreOptions options;
  private final Time time;
  private final Randomness randomness;
  private final Consumer<String> halt;
  private final AtomicBoolean ending = new AtomicBoolean();
  private volatile @Nullable Member member;
  private volatile boolean stopped;
  private volatile long began;
  private int shortLives;

  /** A member that does not run yet; what cannot be mended ends the process by {@code halt}. */
  MemberLives(StoreOptions options, Time time, Randomness randomness, Consumer<String> halt) {
    this.options = options;
    this.time = time;
    this.randomness = randomness;
    this.halt = halt;
  }

  /**
   * Starts it. On a full disk, or when its data is damaged, that goes on after this returns: it
   * waits for room, or for the other members. Fails when waiting would be for nothing.
   */
  void start() throws IOException {
    if (!DiskRoom.hasRoomToStart(options.dataDirectory())) {
      meanwhile();
      return;
    }
    try {
      begin();
    } catch (DamagedException damage) {
      new Resync(options, time).checkPossible(damage);
      LOG.error("{}: it is brought up again from the other members", damage.getMessage());
      meanwhile();
    }
  }

  private void meanwhile() {
    if (ending.compareAndSet(false, true)) {
      Thread.ofVirtual().name("begin-anew").start(this::comeBack);
    }
  }

  private void comeBack() {
    try {
      awaitRoom();
      try {
        begin();
      } catch (DamagedException damage) {
        LOG.error(
            "{}: this member does not serve until it was sent everything anew",
            damage.getMessage());
        new Resync(options, time).await(damage, () -> stopped);
        begin();
      }
      ending.set(false);
    } catch (IOException | RuntimeException e) {
      halt.accept(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin() throws IOException {
    began = time.nanos();
    Member next = Member.open(options, time, randomness, this);
    try {
      next.start();
      member = next;
    } catch (IOException | RuntimeException e) {
      next.abandon();
      throw e;
    }
  }

  private void awaitRoom() throws InterruptedException {
    boolean told = false;
    while (!stopped && !DiskRoom.hasRoomToWrite(options.dataDirectory())) {
      if (!told) {
        LOG.error("no room on the disk of {}: waiting for it", options.dataDirectory());
        told = true;
      }
      time.sleep(PAUSE);
    }
  }

  @Override
  public void halt(String reason) {
    halt.accept(reason);
  }

  @Override
  public void beginAnew(String reason) {
    if (stopped || !ending.compareAndSet(false, true)) {
      return;
    }
    if (time.nanos() - began > SHORT_LIFE.toNanos()) {
      shortLives = 0;
    } else if (++shortLives > MOST_SHORT_LIVES) {
      halt.accept(reason);
      return;
    }
    LOG.error("{}: beginning anew from what is on disk", reason);
    Thread.ofVirtual()
        .name("begin-anew")
        .start(() -> {
          Member old = member;
          if (old != null) {
            old.abandon();
          }
          comeBack();
        });
  }

  /** Stops it in order. */
  void stop() {
    stopped = true;
    Member current = member;
    if (current != null) {
      current.stop();
    }
  }
}
