package dev.coxswain.store;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.raft.StoreNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member in its process. When its disk failed it, it begins anew from what is on disk: once there
 * is room, if that was it; as a newcomer that is sent everything, if what is there is damaged.
 */
final class MemberLives {
  private static final Logger LOG = LoggerFactory.getLogger(MemberLives.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** One that fails so soon after it began, and again and again, is of no use. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(10);

  private static final int MOST_SHORT_LIVES = 3;

  private final Path dataDirectory;
  private final Origin origin;
  private final Time time;
  private final Consumer<String> halt;
  private volatile boolean stopped;
  private @Nullable Life current;
  private int shortLives;

  /** Where members come from. */
  interface Origin {
    /** A member on what is on disk, not started yet. */
    Living open(StoreNode.Halt halt) throws IOException;

    /** Fails when there is nobody who could mend damaged data. */
    void checkRescue(DamagedException damage) throws IOException;

    /** Returns when the data is that of a newcomer, or once it is stopped. */
    void awaitRescue(DamagedException damage, BooleanSupplier isStopped)
        throws IOException, InterruptedException;
  }

  /** A member as its lives see it: {@link Member}. */
  interface Living {
    void start() throws IOException;

    void stop();

    void abandon();
  }

  /** A member that does not run yet; what cannot be mended ends the process by {@code halt}. */
  MemberLives(StoreOptions options, Time time, Randomness randomness, Consumer<String> halt) {
    this(options.dataDirectory(), new Disk(options, time, randomness), time, halt);
  }

  MemberLives(Path dataDirectory, Origin origin, Time time, Consumer<String> halt) {
    this.dataDirectory = dataDirectory;
    this.origin = origin;
    this.time = time;
    this.halt = halt;
  }

  private static final class Disk implements Origin {
    private final StoreOptions options;
    private final Time time;
    private final Randomness randomness;

    Disk(StoreOptions options, Time time, Randomness randomness) {
      this.options = options;
      this.time = time;
      this.randomness = randomness;
    }

    @Override
    public Living open(StoreNode.Halt halt) throws IOException {
      return Member.open(options, time, randomness, halt);
    }

    @Override
    public void checkRescue(DamagedException damage) throws IOException {
      new Resync(options, time).checkPossible(damage);
    }

    @Override
    public void awaitRescue(DamagedException damage, BooleanSupplier isStopped)
        throws IOException, InterruptedException {
      new Resync(options, time).await(damage, isStopped);
    }
  }

  /** One life. What is heard of it when it is over, or has been replaced, ends no other. */
  private final class Life implements StoreNode.Halt {
    private final long began = time.nanos();

    /** Done when it has begun, or could not. */
    private final CountDownLatch begun = new CountDownLatch(1);

    // Both guarded by the lives.
    private @Nullable Living member;
    private boolean over;

    @Override
    public void halt(String reason) {
      halt.accept(reason);
    }

    @Override
    public void beginAnew(String reason) {
      end(this, reason);
    }
  }

  /**
   * Starts it. On a full disk, or when its data is damaged, that goes on after this returns: it
   * waits for room, or for the other members. Fails when waiting would be for nothing.
   */
  void start() throws IOException {
    if (!DiskRoom.hasRoomToStart(dataDirectory)) {
      meanwhile(this::comeBack);
      return;
    }
    try {
      begin();
    } catch (DamagedException damage) {
      origin.checkRescue(damage);
      LOG.error("{}: it is brought up again from the other members", damage.getMessage());
      meanwhile(this::comeBack);
    }
  }

  private static void meanwhile(Runnable task) {
    Thread.ofVirtual().name("begin-anew").start(task);
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
        origin.awaitRescue(damage, () -> stopped);
        begin();
      }
    } catch (IOException | RuntimeException e) {
      if (!stopped) {
        halt.accept(e.toString());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin() throws IOException {
    Life life = new Life();
    synchronized (this) {
      if (stopped) {
        return;
      }
      current = life;
    }
    try {
      Living next = origin.open(life);
      try {
        next.start();
      } catch (IOException | RuntimeException e) {
        next.abandon();
        throw e;
      }
      if (!keep(life, next)) {
        next.abandon();
      }
    } finally {
      life.begun.countDown();
    }
  }

  /** False when it was stopped meanwhile, by who knew of no member to stop. */
  private synchronized boolean keep(Life life, Living member) {
    if (!stopped) {
      life.member = member;
    }
    return !stopped;
  }

  private synchronized @Nullable Living takeOut(Life life) {
    Living member = life.member;
    life.member = null;
    return member;
  }

  private void awaitRoom() throws InterruptedException {
    boolean told = false;
    while (!stopped && !DiskRoom.hasRoomToWrite(dataDirectory)) {
      if (!told) {
        LOG.error("no room on the disk of {}: waiting for it", dataDirectory);
        told = true;
      }
      time.sleep(PAUSE);
    }
  }

  private void end(Life life, String reason) {
    boolean useless;
    synchronized (this) {
      if (stopped || life.over || !life.equals(current)) {
        return;
      }
      life.over = true;
      boolean lasted = time.nanos() - life.began > SHORT_LIFE.toNanos();
      shortLives = lasted ? 0 : shortLives + 1;
      useless = shortLives > MOST_SHORT_LIVES;
    }
    if (useless) {
      halt.accept(reason);
      return;
    }
    LOG.error("{}: beginning anew from what is on disk", reason);
    meanwhile(() -> follow(life));
  }

  /** It may fail while it still begins; one that could not begin is for who began it to see to. */
  private void follow(Life life) {
    try {
      life.begun.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Living old = takeOut(life);
    if (old != null) {
      old.abandon();
      comeBack();
    }
  }

  /** Stops it in order. */
  void stop() {
    Life last;
    synchronized (this) {
      stopped = true;
      last = current;
    }
    Living member = last == null ? null : takeOut(last);
    if (member != null) {
      member.stop();
    }
  }
}
