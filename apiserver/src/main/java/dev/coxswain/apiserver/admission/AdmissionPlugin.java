package dev.coxswain.apiserver.admission;

/**
 * Changes or refuses writes. All plugins mutate first, in the chain's order, then the object is
 * validated against its schema, then all plugins validate. Runs on the request's virtual thread,
 * once for every attempt of an optimistic update. Where an object was rewritten, mutating comes
 * twice.
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
   * Begins to let the cluster's administrator change the object, by rules or servers of his own.
   * Such changes come after all {@link #mutate}, may touch everything, and so are followed by what
   * the system itself fills in, and by all plugins once more.
   */
  default Rewriting begin(AdmissionRequest request) {
    return Rewriting.NONE;
  }

  /**
   * Looks at the final object.
   *
   * @throws dev.coxswain.api.status.ApiException to refuse the request
   */
  default void validate(AdmissionRequest request) {}
}
