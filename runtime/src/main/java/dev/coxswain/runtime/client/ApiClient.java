package dev.coxswain.runtime.client;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * A connection to the API server (or to any of several), shared by all of a process. Thread-safe;
 * calls block.
 */
public interface ApiClient extends AutoCloseable {

  /**
   * The resource of a model class, its path read from the class' group, version and plural
   * annotations.
   */
  <T extends HasMetadata> ResourceClient<T> resource(Class<T> type);

  /** Closes connections; calls under way fail. */
  @Override
  void close();
}
