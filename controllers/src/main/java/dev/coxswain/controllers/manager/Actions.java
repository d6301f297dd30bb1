package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/**
 * What a controller may ask for. Each call blocks until the API server has answered, is counted and
 * logged, and is remembered, so that the next reconcile of the same key waits until the caches show
 * it. A call fails with {@link dev.coxswain.api.status.ApiException}.
 */
public interface Actions {

  /** Creates the object. It carries its full name, so that a lost answer can be looked up. */
  <S extends HasMetadata> S create(S object);

  /** Replaces the object of the version it carries. */
  <S extends HasMetadata> S update(S object);

  /** Replaces the status of the version it carries. */
  <S extends HasMetadata> S updateStatus(S object);

  /** Patches the object. */
  <S extends HasMetadata> S patch(S object, Patch patch);

  /** Patches the object's status. */
  <S extends HasMetadata> S patchStatus(S object, Patch patch);

  /** Replaces a subresource with what the object says of it: {@code finalize}. */
  <S extends HasMetadata> S put(S object, String subresource);

  /** Deletes this very incarnation with the server's defaults. */
  void delete(HasMetadata object);

  /** Deletes with options of one's own. */
  void delete(HasMetadata object, DeleteOptions options);

  /** Reads past the cache: for what must not be decided on old data, such as an adoption. */
  <S extends HasMetadata> Optional<S> live(Class<S> type, ObjectKey key);

  /** Lists a namespace past the cache; all of them for the empty string. */
  <S extends HasMetadata> List<S> live(Class<S> type, String namespace);

  /** Tells people what happened to an object that is no cause for alarm. */
  void normal(HasMetadata about, String reason, String message);

  /** Tells people what somebody should look into. */
  void warning(HasMetadata about, String reason, String message);

  /** Runs the calls at the same time and gives what each that failed threw. */
  List<RuntimeException> together(List<Runnable> calls);

  /** A name under {@code prefix} that nobody has, as the server makes it of generateName. */
  String generateName(String prefix);
}
