package dev.coxswain.runtime.client;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

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

  /**
   * The metadata of a resource's objects, for what is done with every kind alike. Its lists and
   * watches leave out all else; nothing can be created or replaced by it.
   */
  ResourceClient<PartialObjectMetadata> metadata(ServedResource resource);

  /** Asks which resources are served; subresources are left out. */
  Discovered discover();

  /**
   * The document at any path, for APIs of add-ons that no model class describes.
   *
   * @param path its segments, such as {@code apis}, {@code custom.metrics.k8s.io}
   * @param query parameters; those that are empty are left out
   * @throws dev.coxswain.api.status.ApiException as the calls of {@link ResourceClient}
   */
  JsonNode read(List<String> path, Map<String, String> query);

  /** Closes connections; calls under way fail. */
  @Override
  void close();
}
