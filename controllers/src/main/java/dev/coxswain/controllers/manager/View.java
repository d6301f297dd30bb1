package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * The cluster as the caches show it: consistent for each object, a moment behind the API server as
 * a whole. The objects are shared: read, never change them.
 */
public interface View {

  /** The wall clock. */
  Instant now();

  /** The object of this key. */
  <S extends HasMetadata> Optional<S> find(Class<S> type, ObjectKey key);

  /** Every object of a kind. */
  <S extends HasMetadata> Collection<S> all(Class<S> type);

  /** The objects of a kind in a namespace. */
  <S extends HasMetadata> Collection<S> in(Class<S> type, String namespace);

  /** The objects of a kind whose controlling owner has this uid. */
  <S extends HasMetadata> Collection<S> controlledBy(Class<S> type, String ownerUid);

  /** The objects of a kind in a namespace that no controller owns. */
  <S extends HasMetadata> Collection<S> orphans(Class<S> type, String namespace);

  /** The objects of a kind under a value of an index that {@link Watches#index} declared. */
  <S extends HasMetadata> Collection<S> by(Class<S> type, String index, String value);
}
