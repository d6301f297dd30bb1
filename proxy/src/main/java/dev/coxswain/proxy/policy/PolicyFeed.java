package dev.coxswain.proxy.policy;

import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what policies are made of. Every pod of the cluster is followed only once there is a
 * policy: a cluster without any pays nothing.
 */
public final class PolicyFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyFeed.class);

  /** One wait for a first list; the log says what is missing after each. */
  private static final Duration SYNC_PATIENCE = Duration.ofSeconds(30);

  private final String node;
  private final Supplier<String> range;
  private final Caches caches;
  private final Runnable changed;
  private final AtomicBoolean following = new AtomicBoolean();
  private volatile boolean complete;
  private volatile boolean closed;

  /** The caches that rules are made of; the last two are started with the first policy. */
  public record Caches(
      Informer<NetworkPolicy> policies, Informer<Pod> pods, Informer<Namespace> namespaces) {}

  /**
   * Follows policies for a node.
   *
   * @param range the range of the node's pods; empty while it has none
   * @param changed called when the chains may have changed
   */
  public PolicyFeed(String node, Supplier<String> range, Caches caches, Runnable changed) {
    this.node = node;
    this.range = range;
    this.caches = caches;
    this.changed = changed;
    caches.policies().handle(new Changes<>((before, after) -> !same(before, after), this::policy));
    caches
        .pods()
        .handle(
            new Changes<>(
                (before, after) -> !Objects.equals(Scene.member(before), Scene.member(after)),
                changed));
    caches
        .namespaces()
        .handle(
            new Changes<>(
                (before, after) ->
                    !Objects.equals(
                        before.getMetadata().getLabels(), after.getMetadata().getLabels()),
                changed));
  }

  private static boolean same(NetworkPolicy before, NetworkPolicy after) {
    return Objects.equals(before.getSpec(), after.getSpec());
  }

  /** Begins to follow policies. */
  public void start() {
    caches.policies().start();
  }

  /** Waits until everything is known that the chains are made of now. */
  public void await() throws InterruptedException {
    await("network policies", caches.policies());
    if (!caches.policies().all().isEmpty()) {
      follow();
      await("pods", caches.pods());
      await("namespaces", caches.namespaces());
      complete = true;
    }
  }

  private void await(String what, Informer<?> cache) throws InterruptedException {
    while (!closed && !cache.awaitSync(SYNC_PATIENCE)) {
      log.warn("still waiting for the list of {}", what);
    }
  }

  private void policy() {
    if (following.get()) {
      changed.run();
      return;
    }
    Thread.ofVirtual()
        .name("first-policy")
        .start(() -> {
          try {
            await();
            changed.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void follow() {
    if (following.compareAndSet(false, true)) {
      caches.pods().start();
      caches.namespaces().start();
    }
  }

  /** The chains as they should be; empty while not everything is known that they are made of. */
  public Optional<Map<String, List<String>>> chains() {
    if (!complete) {
      return Optional.empty();
    }
    return Optional.of(
        PolicyChains.of(
            Scene.of(
                node,
                range.get(),
                caches.policies().all(),
                caches.pods().all(),
                caches.namespaces().all())));
  }

  @Override
  public void close() {
    closed = true;
    caches.policies().close();
    caches.pods().close();
    caches.namespaces().close();
  }

  @FunctionalInterface
  private interface Difference<T> {
    boolean matters(T before, T after);
  }

  private record Changes<T extends HasMetadata>(Difference<T> difference, Runnable changed)
      implements Informer.Handler<T> {
    @Override
    public void added(T object) {
      changed.run();
    }

    @Override
    public void updated(T before, T after) {
      if (difference.matters(before, after)) {
        changed.run();
      }
    }

    @Override
    public void deleted(T last) {
      changed.run();
    }
  }
}
