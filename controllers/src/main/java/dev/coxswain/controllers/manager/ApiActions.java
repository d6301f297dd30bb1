package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.Patch;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Actions by the API client, for one key of one controller. */
final class ApiActions implements Actions {
  /** As upstream: what is longer is cut, so that the suffix fits a name of 63 characters. */
  private static final int LONGEST_PREFIX = 58;

  private static final int SUFFIX_LENGTH = 5;

  private final ObjectKey by;
  private final PendingWrites pending;
  private final ApiClient api;
  private final Support support;

  /**
   * @param by the key that is being reconciled
   */
  ApiActions(ObjectKey by, PendingWrites pending, ApiClient api, Support support) {
    this.by = by;
    this.pending = pending;
    this.api = api;
    this.support = support;
  }

  @Override
  public <S extends HasMetadata> S create(S object) {
    return write("create", object, true, client -> client.create(object));
  }

  @Override
  public <S extends HasMetadata> S update(S object) {
    return write("update", object, false, client -> client.update(object));
  }

  @Override
  public <S extends HasMetadata> S updateStatus(S object) {
    return write("update status", object, false, client -> client.updateStatus(object));
  }

  @Override
  public <S extends HasMetadata> S patch(S object, Patch patch) {
    return write("patch", object, false, client -> client.patch(Meta.key(object), patch));
  }

  @Override
  public <S extends HasMetadata> S patchStatus(S object, Patch patch) {
    return write(
        "patch status", object, false, client -> client.patchStatus(Meta.key(object), patch));
  }

  @Override
  public <S extends HasMetadata> S put(S object, String subresource) {
    Class<S> type = PendingWrites.typeOf(object);
    return write(
        "put " + subresource,
        object,
        false,
        client -> client.put(Meta.key(object), subresource, object, type));
  }

  @Override
  public void delete(HasMetadata object) {
    delete(object, DeleteOptions.uid(Meta.uid(object)));
  }

  @Override
  public void delete(HasMetadata object, DeleteOptions options) {
    attempt(
        "delete",
        object,
        () -> {
          api.resource(PendingWrites.typeOf(object)).delete(Meta.key(object), options);
          return object;
        });
    pending.deleted(by, object);
  }

  @Override
  public <S extends HasMetadata> Optional<S> live(Class<S> type, ObjectKey key) {
    return api.resource(type).find(key);
  }

  @Override
  public <S extends HasMetadata> List<S> live(Class<S> type, String namespace) {
    return api.resource(type).list(namespace, ListOptions.ALL).items();
  }

  @Override
  public void normal(HasMetadata about, String reason, String message) {
    support.event(about, false, reason, message);
  }

  @Override
  public void warning(HasMetadata about, String reason, String message) {
    support.event(about, true, reason, message);
  }

  @Override
  public List<RuntimeException> together(List<Runnable> calls) {
    return support.together(calls);
  }

  @Override
  public String generateName(String prefix) {
    String head = prefix.length() > LONGEST_PREFIX ? prefix.substring(0, LONGEST_PREFIX) : prefix;
    return head + support.randomness().nameSuffix(SUFFIX_LENGTH);
  }

  private <S extends HasMetadata> S write(
      String verb, S object, boolean isNew, Function<ResourceClient<S>, S> call) {
    S stored = attempt(verb, object, () -> call.apply(api.resource(PendingWrites.typeOf(object))));
    pending.stored(by, stored, isNew);
    return stored;
  }

  private <S extends HasMetadata> S attempt(String verb, S object, Supplier<S> call) {
    try {
      S result = call.get();
      support.acted(verb, object, "");
      return result;
    } catch (RuntimeException failure) {
      if (!leavesNoDoubt(failure)) {
        pending.uncertain(by, object);
      }
      support.acted(verb, object, String.valueOf(failure.getMessage()));
      throw failure;
    }
  }

  /**
   * Whether the write certainly did not happen and the cache may be right all the same. After a
   * lost answer, and after a refusal that contradicts the cache, the object is looked up instead.
   */
  private static boolean leavesNoDoubt(RuntimeException failure) {
    if (!(failure instanceof ApiException refused)) {
      return false;
    }
    return switch (refused.status().reason()) {
      case INTERNAL_ERROR,
          SERVICE_UNAVAILABLE,
          SERVER_TIMEOUT,
          TIMEOUT,
          STORE_READ_ERROR,
          UNKNOWN,
          ALREADY_EXISTS,
          CONFLICT,
          NOT_FOUND ->
          false;
      case BAD_REQUEST,
          UNAUTHORIZED,
          FORBIDDEN,
          METHOD_NOT_ALLOWED,
          NOT_ACCEPTABLE,
          GONE,
          EXPIRED,
          REQUEST_ENTITY_TOO_LARGE,
          UNSUPPORTED_MEDIA_TYPE,
          INVALID,
          TOO_MANY_REQUESTS ->
          true;
    };
  }

  /** What actions need around the API client; the manager's for real, a simulation's for a test. */
  interface Support {
    Randomness randomness();

    /** Counts and logs a call; the failure is empty when there was none. */
    void acted(String verb, HasMetadata object, String failure);

    void event(HasMetadata about, boolean warning, String reason, String message);

    List<RuntimeException> together(List<Runnable> calls);
  }
}
