package dev.coxswain.runtime.client;

/** A patch body with its type; the text is JSON. */
public sealed interface Patch {
  /** The body. */
  String json();

  /** RFC 7386, {@code application/merge-patch+json}. */
  record Merge(String json) implements Patch {}

  /** RFC 6902, {@code application/json-patch+json}. */
  record Json(String json) implements Patch {}

  /** Kubernetes' strategic merge, {@code application/strategic-merge-patch+json}. */
  record Strategic(String json) implements Patch {}

  /** Server-side apply, {@code application/apply-patch+yaml}. */
  record Apply(String json, String fieldManager, boolean force) implements Patch {}
}
