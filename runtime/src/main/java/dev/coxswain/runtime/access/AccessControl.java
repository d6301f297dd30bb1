package dev.coxswain.runtime.access;

import java.util.Optional;

/** Who may ask a daemon. Blocking: the answers are the API server's. */
public interface AccessControl {

  /** Whose token this is; empty where it is nobody's. */
  Optional<Caller> authenticate(String token);

  /** Whether the caller may do this. */
  boolean allows(Caller caller, Permission wanted);
}
