package dev.coxswain.apiserver.admission;

/** One plugin's part in one request, where what it does to the object is not this server's rule. */
@FunctionalInterface
public interface Rewriting {
  /** Nobody is asked. */
  Rewriting NONE = () -> false;

  /**
   * Lets the object be changed. Called once more after a change by anybody, so that who asked to
   * see later changes does.
   *
   * @return whether the object was changed
   * @throws dev.coxswain.api.status.ApiException to refuse the request
   */
  boolean run();
}
