package dev.coxswain.apiserver.aggregation;

import dev.coxswain.apiserver.aggregation.ServiceCheck.Finding;
import dev.coxswain.apiserver.openapi.ForeignSpecs.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other servers what they serve, each in a thread of its own, so that one that takes its
 * time holds up none of the others. There is at most one such thread for each APIService. All else
 * is one thread's.
 */
final class Inquiries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Inquiries.class);

  private final ServiceCheck check;
  private final ServedSpecs specs;
  private final Runnable wake;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("aggregated-", 0).factory());
  private final Set<Aggregated> underWay = new HashSet<>();
  private final Queue<News> arrivals = new ConcurrentLinkedQueue<>();

  /** What comes of an inquiry. */
  sealed interface News {
    /** The server that was asked. */
    Aggregated service();
  }

  /** Whether the server answers, and with what. */
  record Found(Aggregated service, Finding finding) implements News {}

  /** What it tells of its OpenAPI. */
  record Described(Aggregated service, Spec spec) implements News {}

  /** Nothing more comes of it. */
  record Ended(Aggregated service) implements News {}

  /**
   * Inquiries that nobody has begun.
   *
   * @param wake called, from any thread, when there is news
   */
  Inquiries(ServiceCheck check, ServedSpecs specs, Runnable wake) {
    this.check = check;
    this.specs = specs;
    this.wake = wake;
  }

  /**
   * Asks a server, unless it is being asked.
   *
   * @param last what was found the last time; null where it was not asked before
   */
  void begin(Aggregated service, @Nullable Finding last) {
    if (!underWay.add(service)) {
      return;
    }
    Spec told = specs.told(service);
    try {
      threads.execute(() -> ask(service, last, told));
    } catch (RejectedExecutionException closed) {
      log.debug("{} is not asked any more", service.name());
    }
  }

  private void ask(Aggregated service, @Nullable Finding last, @Nullable Spec told) {
    try {
      Finding finding = check.ask(service);
      tell(new Found(service, finding));
      if (finding.passed()) {
        Spec spec = specs.read(service, told, !finding.equals(last));
        if (spec != null) {
          tell(new Described(service, spec));
        }
      }
    } catch (InterruptedException closed) {
      log.debug("{} is not asked any more", service.name());
    } catch (RuntimeException e) {
      log.error("{} cannot be asked; trying again", service.name(), e);
    } finally {
      tell(new Ended(service));
    }
  }

  private void tell(News news) {
    arrivals.add(news);
    wake.run();
  }

  /** What has come of inquiries since the last call. */
  List<News> news() {
    List<News> news = new ArrayList<>();
    for (News one = arrivals.poll(); one != null; one = arrivals.poll()) {
      if (one instanceof Ended) {
        underWay.remove(one.service());
      } else {
        news.add(one);
      }
    }
    return news;
  }

  /** Whether a server is being asked. */
  boolean underWay(Aggregated service) {
    return underWay.contains(service);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
