package dev.coxswain.kubelet.server;

import java.util.Optional;

/** Who may call the node's API. Blocking: the answers are the API server's. */
interface AccessControl {

  /** Whose token this is; empty where it is nobody's. */
  Optional<Caller> authenticate(String token);

  /** Whether the caller may do this. */
  boolean allows(Caller caller, NodeAccess access);
}
