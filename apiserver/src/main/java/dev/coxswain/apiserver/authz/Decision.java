package dev.coxswain.apiserver.authz;

/** What an authorizer says; the reason is for a person. */
public sealed interface Decision {
  /** For the person who asks why. */
  String reason();

  /** The request may go on. */
  record Allow(String reason) implements Decision {}

  /** The request ends here, whatever others would say. */
  record Deny(String reason) implements Decision {}

  /** Not for this authorizer to say; when nobody allows, the request is refused. */
  record NoOpinion(String reason) implements Decision {}
}
