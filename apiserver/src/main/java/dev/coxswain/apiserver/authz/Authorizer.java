package dev.coxswain.apiserver.authz;

/** Decides whether a request may go on. Called on a virtual thread for every request. */
public interface Authorizer {

  /** Decides; never throws for a request it does not like. */
  Decision authorize(Attributes attributes);
}
