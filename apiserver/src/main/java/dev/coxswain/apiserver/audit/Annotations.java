package dev.coxswain.apiserver.audit;

/** What those on a request's way have to say to who reads the audit log. Thread-safe. */
@FunctionalInterface
public interface Annotations {
  /** Nobody reads it. */
  Annotations NONE = (key, value) -> {};

  /** Says something; the last word under a key counts. */
  void put(String key, String value);
}
