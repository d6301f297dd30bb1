package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.apiserver.admission.webhook.Criteria;
import tools.jackson.databind.JsonNode;

/** What a policy of either kind says of itself. */
sealed interface BoundPolicy permits CompiledPolicy, MutatingPolicy {
  String name();

  /** The requests that it is about. */
  Criteria criteria();

  /** The {@code paramKind}; missing where it takes no parameters. */
  JsonNode paramKind();

  /** Whether an error refuses the request. */
  boolean failsClosed();
}
