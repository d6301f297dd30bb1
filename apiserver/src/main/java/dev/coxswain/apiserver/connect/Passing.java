package dev.coxswain.apiserver.connect;

import dev.coxswain.api.meta.GroupResource;

/** What is done to an answer on its way to the client. */
sealed interface Passing {
  /** Nothing. */
  record AsIs() implements Passing {}

  /** A failure becomes a {@code Status}, about the named object. */
  record Checked(GroupResource resource, String name) implements Passing {}

  /** Links lead back to the proxy. */
  record Linked(Links links) implements Passing {}
}
