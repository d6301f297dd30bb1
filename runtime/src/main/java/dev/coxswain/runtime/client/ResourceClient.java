package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.util.Optional;

/**
 * The verbs on one resource. Every call has a deadline and fails with {@link ApiException}: the
 * server's own status, or {@code ServiceUnavailable} when no server could be reached and {@code
 * Timeout} when none answered in time.
 */
public interface ResourceClient<T extends HasMetadata> {

  /** The object, or empty when there is none (any other failure throws). */
  Optional<T> find(ObjectKey key);

  /**
   * The objects of a namespace (of all, for the empty string) that the options select, all pages.
   */
  ObjectList<T> list(String namespace, ListOptions options);

  /** Creates the object in the namespace of its metadata and returns what was stored. */
  T create(T object);

  /** Replaces the object; its resourceVersion, where set, must still be the current one. */
  T update(T object);

  /** Replaces only the status. */
  T updateStatus(T object);

  /** Patches the object. */
  T patch(ObjectKey key, Patch patch);

  /** Patches only the status. */
  T patchStatus(ObjectKey key, Patch patch);

  /** Deletes the object; one that is not there is no failure. */
  void delete(ObjectKey key, DeleteOptions options);

  /** Reads a subresource such as {@code scale}. */
  <R extends KubernetesResource> R get(ObjectKey key, String subresource, Class<R> answer);

  /** Posts to a subresource such as {@code binding}, {@code eviction} or {@code token}. */
  <R extends KubernetesResource> R post(
      ObjectKey key, String subresource, KubernetesResource body, Class<R> answer);

  /** Replaces a subresource such as {@code scale} or {@code finalize}. */
  <R extends KubernetesResource> R put(
      ObjectKey key, String subresource, KubernetesResource body, Class<R> answer);

  /** Opens a watch from just after a resourceVersion; the caller closes it. */
  Watch<T> watch(String namespace, ListOptions options, String resourceVersion);
}
