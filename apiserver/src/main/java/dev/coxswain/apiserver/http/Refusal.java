package dev.coxswain.apiserver.http;

/** Why a body is not taken in. */
public enum Refusal {
  /** It is larger than any object may be. */
  TOO_LARGE,
  /** Too much is being taken in from everybody together. */
  TOO_MUCH_AT_ONCE,
  /** It is large, and nothing was shown to prove who sends it. */
  NOBODYS
}
