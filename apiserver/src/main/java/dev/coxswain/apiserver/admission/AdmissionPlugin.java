package dev.coxswain.apiserver.admission;

/**
 * Changes or refuses writes. All plugins mutate first, in the chain's order, then the object is
 * validated against its schema, then all plugins validate. Runs on the request's virtual thread,
 * once for every attempt of an optimistic update.
 */
public interface AdmissionPlugin {

  /** The plugin's name, as {@code --enable-admission-plugins} spells it. */
  String name();

  /**
   * Changes {@link AdmissionRequest#object()} in place.
   *
   * @throws dev.coxswain.api.status.ApiException to refuse the request
   */
  default void mutate(AdmissionRequest request) {}

  /**
   * Looks at the final object.
   *
   * @throws dev.coxswain.api.status.ApiException to refuse the request
   */
  default void validate(AdmissionRequest request) {}
}
