package dev.coxswain.runtime.program;

import dev.coxswain.runtime.time.SystemTime;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one process: start the parts, wait for a signal or a failure, stop the parts in the
 * reverse order. A command's {@code call} is
 *
 * <pre>{@code
 * return Program.run("scheduler", program -> {
 *   var client = program.closing("API client", new HttpApiClient(…));
 *   …
 *   program.ready();
 * });
 * }</pre>
 *
 * <p>Exit codes: 0 after a signal, 1 when a part could not start or failed for good.
 */
public final class Program {
  private static final Logger LOG = LoggerFactory.getLogger(Program.class);

  /** How long all parts together may take to stop before the process ends anyway. */
  private static final long STOP_DEADLINE_SECONDS = 30;

  private static final int FAILED = 1;

  private final String name;
  private final Deque<Part> parts = new ArrayDeque<>();
  private final CountDownLatch ending = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicInteger exitCode = new AtomicInteger();

  /** Who waits for something that a stop ends, guarded by this. */
  private @Nullable Thread waiting;

  private record Part(String name, AutoCloseable closing) {}

  /** Starts the parts of a program. */
  @FunctionalInterface
  public interface Start {
    /** What it throws ends the program: the message should say what to do about it. */
    void start(Program program) throws Exception;
  }

  /** Something that may have to be waited for. */
  @FunctionalInterface
  public interface Waiting<V> {
    /** Returns once it is there; an interrupt ends the waiting. */
    V await() throws IOException, InterruptedException;
  }

  Program(String name) {
    this.name = name;
  }

  /** Runs a program to its end and returns its exit code. */
  public static int run(String name, Start start) {
    var program = new Program(name);
    Logging.adoptJavaLogging();
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> LOG.error("{} died of a bug", thread, failure));
    // The JVM itself would end with 143 after SIGTERM, whatever main returns.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  program.stop();
                  if (program.awaitEnded()) {
                    Runtime.getRuntime().halt(program.exitCode.get());
                  }
                  LOG.error("{} did not stop within {} s", name, STOP_DEADLINE_SECONDS);
                  Runtime.getRuntime().halt(FAILED);
                },
                "shutdown"));
    SerialHeap.ofThisProgram()
        .ifPresent(heap -> program.closing("heap", new HeapRest(heap, new SystemTime())));
    return program.runHere(start);
  }

  int runHere(Start start) {
    try {
      start.start(this);
      ending.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoppedException e) {
      LOG.info("{} was told to stop before it had started", name);
    } catch (Exception e) {
      exitCode.set(FAILED);
      boolean bug = e instanceof NullPointerException || e.getMessage() == null;
      if (bug) {
        LOG.error("{} cannot start", name, e);
      } else {
        LOG.error("{} cannot start: {}", name, e.getMessage());
        LOG.debug("{} cannot start", name, e);
      }
    }
    closeParts();
    LOG.info("{} stopped", name);
    ended.countDown();
    return exitCode.get();
  }

  private void closeParts() {
    while (true) {
      Part part;
      synchronized (this) {
        part = parts.poll();
      }
      if (part == null) {
        return;
      }
      try {
        part.closing().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("{} did not stop cleanly: {}", part.name(), e.toString());
      }
    }
  }

  private boolean awaitEnded() {
    try {
      return ended.await(STOP_DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Registers a part that has started; the last one registered is closed first. */
  public synchronized <P extends AutoCloseable> P closing(String partName, P part) {
    parts.push(new Part(partName, part));
    return part;
  }

  /**
   * Waits, while the program starts, for what may take however long, such as another program; to be
   * told to stop ends that, and the start with it. What is done in it must stand an interrupt at
   * any time, which closes a file that is just being read, for one.
   */
  public <V> V awaiting(Waiting<V> what) throws IOException, InterruptedException {
    synchronized (this) {
      if (ending.getCount() == 0) {
        throw new StoppedException();
      }
      waiting = Thread.currentThread();
    }
    try {
      return what.await();
    } catch (InterruptedException interrupted) {
      if (ending.getCount() == 0) {
        throw new StoppedException();
      }
      throw interrupted;
    } finally {
      synchronized (this) {
        waiting = null;
        if (ending.getCount() == 0) {
          // It has had its effect, or came when there was nothing to wait for any more.
          Thread.interrupted();
        }
      }
    }
  }

  /** The start was broken off because the program is to stop. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Says that everything has started. */
  public void ready() {
    LOG.info("{} is ready", name);
  }

  /** Ends the program in order. */
  public void stop() {
    synchronized (this) {
      ending.countDown();
      if (waiting != null) {
        waiting.interrupt();
      }
    }
  }

  /** Ends the program in order, as failed; for a part that cannot go on, such as a lost lease. */
  public void fail(String reason) {
    LOG.error("{} ends: {}", name, reason);
    exitCode.set(FAILED);
    stop();
  }
}
