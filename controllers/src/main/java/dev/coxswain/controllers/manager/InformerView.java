package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The view over the shared informers, one for each kind. */
final class InformerView implements View {
  /** Every informer has this index: the objects of a namespace. */
  static final String NAMESPACE = "namespace";

  /** Every informer has this index: by the controlling owner's uid, orphans by their namespace. */
  static final String CONTROLLER = "controller";

  private final Map<Class<?>, Informer<?>> informers;
  private final Time time;

  InformerView(Map<Class<?>, Informer<?>> informers, Time time) {
    this.informers = informers;
    this.time = time;
  }

  /** Adds the indexes that every view needs; to be called before the informer starts. */
  static <S extends HasMetadata> void addIndexes(Informer<S> informer) {
    informer.index(NAMESPACE, object -> List.of(Meta.namespace(object)));
    informer.index(
        CONTROLLER,
        object ->
            List.of(
                Owners.controller(object)
                    .map(owner -> owner.getUid())
                    .orElseGet(() -> orphansOf(Meta.namespace(object)))));
  }

  @Override
  public Instant now() {
    return time.now();
  }

  @Override
  public <S extends HasMetadata> Optional<S> find(Class<S> type, ObjectKey key) {
    return informer(type).find(key);
  }

  @Override
  public <S extends HasMetadata> Collection<S> all(Class<S> type) {
    return informer(type).all();
  }

  @Override
  public <S extends HasMetadata> Collection<S> in(Class<S> type, String namespace) {
    return by(type, NAMESPACE, namespace);
  }

  @Override
  public <S extends HasMetadata> Collection<S> controlledBy(Class<S> type, String ownerUid) {
    return by(type, CONTROLLER, ownerUid);
  }

  @Override
  public <S extends HasMetadata> Collection<S> orphans(Class<S> type, String namespace) {
    return by(type, CONTROLLER, orphansOf(namespace));
  }

  @Override
  public <S extends HasMetadata> Collection<S> by(Class<S> type, String index, String value) {
    return informer(type).byIndex(index, value);
  }

  private static String orphansOf(String namespace) {
    return "orphans in " + namespace;
  }

  private <S extends HasMetadata> Informer<S> informer(Class<S> type) {
    Informer<?> informer = informers.get(type);
    if (informer == null) {
      throw new IllegalStateException(
          "no controller declared that it reads " + HasMetadata.getKind(type));
    }
    @SuppressWarnings("unchecked") // the map is filled with an informer of the key's class
    var typed = (Informer<S>) informer;
    return typed;
  }
}
