package dev.coxswain.runtime.client;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/** An open watch, read by one thread. */
public interface Watch<T extends HasMetadata> extends AutoCloseable {

  /**
   * Blocks for the next event; null once the server has ended the watch in order.
   *
   * @throws dev.coxswain.api.status.ApiException for an ERROR event ({@code Expired} means: list
   *     again) or a broken connection
   */
  @Nullable WatchEvent<T> next() throws InterruptedException;

  @Override
  void close();
}
