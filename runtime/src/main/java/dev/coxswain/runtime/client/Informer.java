package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * A cache of one resource, kept current by list and watch: resumes where it broke off, lists again
 * when the server says the version expired, backs off (with jitter) while no server answers, and
 * never gives up. Objects it hands out are shared: do not change them.
 */
public interface Informer<T extends HasMetadata> extends AutoCloseable {

  /** Starts the list and watch; handlers are told of everything from here on. */
  void start();

  /**
   * Waits until the first list has been delivered to the handlers; false when the timeout passed
   * first.
   */
  boolean awaitSync(Duration timeout) throws InterruptedException;

  /** The cached object. */
  Optional<T> find(ObjectKey key);

  /** All cached objects; a snapshot. */
  Collection<T> all();

  /** The cached objects under a value of an index that was registered before the start. */
  Collection<T> byIndex(String index, String value);

  /**
   * Adds a handler before the start; it is called on the informer's one thread, in order, and must
   * not block.
   */
  void handle(Handler<T> handler);

  /** Adds an index before the start. */
  void index(String name, IndexFunction<T> function);

  @Override
  void close();

  /** The values under which an object is found in an index. */
  @FunctionalInterface
  interface IndexFunction<T> {
    Collection<String> values(T object);
  }

  /** What a handler is told. */
  interface Handler<T> {
    void added(T object);

    void updated(T before, T after);

    void deleted(T last);

    /** A list has been told to its end: what was not told is not there. */
    default void listed() {}
  }
}
