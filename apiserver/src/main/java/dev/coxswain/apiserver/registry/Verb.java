package dev.coxswain.apiserver.registry;

/** What may be asked of a resource, as discovery and RBAC spell it. */
public enum Verb {
  CREATE("create"),
  DELETE("delete"),
  DELETE_COLLECTION("deletecollection"),
  GET("get"),
  LIST("list"),
  PATCH("patch"),
  UPDATE("update"),
  WATCH("watch");

  private final String text;

  Verb(String text) {
    this.text = text;
  }

  /** The verb as discovery and RBAC spell it. */
  public String text() {
    return text;
  }
}
