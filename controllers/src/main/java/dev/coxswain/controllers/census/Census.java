package dev.coxswain.controllers.census;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.controllers.manager.Signal;
import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * How many objects of each kind each namespace has. The caches of the garbage collector, which
 * follows every kind anyway, tell it; it keeps a number for each kind and namespace, and nothing of
 * the objects. Thread-safe.
 */
public final class Census implements Signal<Census.Entry> {
  private final Map<GroupResource, Map<String, Long>> counts = new HashMap<>();
  private final Set<GroupResource> complete = new HashSet<>();
  private final List<Consumer<Entry>> listeners = new CopyOnWriteArrayList<>();

  /**
   * Where a number has changed.
   *
   * @param namespace empty where it may have changed in every namespace
   */
  public record Entry(GroupResource resource, String namespace) {}

  /** How many there are; empty where nobody knows, or not yet. */
  public synchronized OptionalLong count(GroupResource resource, String namespace) {
    return complete.contains(resource)
        ? OptionalLong.of(counts.getOrDefault(resource, Map.of()).getOrDefault(namespace, 0L))
        : OptionalLong.empty();
  }

  /** What the cache of a kind is to tell. */
  public Informer.Handler<PartialObjectMetadata> counter(GroupResource resource) {
    return new Counter(resource);
  }

  /** Forgets a kind that nobody follows any more. */
  public void forget(GroupResource resource) {
    synchronized (this) {
      counts.remove(resource);
      complete.remove(resource);
    }
    tell(new Entry(resource, ""));
  }

  @Override
  public void follow(Consumer<Entry> listener) {
    listeners.add(listener);
  }

  private void add(GroupResource resource, PartialObjectMetadata object, long more) {
    String namespace = object.getMetadata().getNamespace();
    if (namespace == null) {
      return;
    }
    synchronized (this) {
      Map<String, Long> ofKind = counts.computeIfAbsent(resource, _ -> new HashMap<>());
      long sum = ofKind.getOrDefault(namespace, 0L) + more;
      if (sum == 0) {
        ofKind.remove(namespace);
      } else {
        ofKind.put(namespace, sum);
      }
      if (!complete.contains(resource)) {
        return;
      }
    }
    tell(new Entry(resource, namespace));
  }

  private void listed(GroupResource resource) {
    synchronized (this) {
      complete.add(resource);
    }
    tell(new Entry(resource, ""));
  }

  private void tell(Entry entry) {
    listeners.forEach(listener -> listener.accept(entry));
  }

  private final class Counter implements Informer.Handler<PartialObjectMetadata> {
    private final GroupResource resource;

    Counter(GroupResource resource) {
      this.resource = resource;
    }

    @Override
    public void added(PartialObjectMetadata object) {
      add(resource, object, 1);
    }

    @Override
    public void updated(PartialObjectMetadata before, PartialObjectMetadata after) {}

    @Override
    public void deleted(PartialObjectMetadata last) {
      add(resource, last, -1);
    }

    @Override
    public void listed() {
      Census.this.listed(resource);
    }
  }
}
