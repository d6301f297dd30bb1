package dev.coxswain.e2e.history;

/**
 * What one revision made of one object.
 *
 * @param token what the write that made it put in, different for every write; empty for a deletion
 */
public record Change(long revision, String name, String token) {
  boolean deletion() {
    return token.isEmpty();
  }
}
