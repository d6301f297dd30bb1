package dev.coxswain.apiserver.managedfields;

import dev.coxswain.api.fields.FieldSet;

/**
 * One entry of {@code metadata.managedFields}.
 *
 * @param identity who
 * @param apiVersion the version of the object that the fields belong to
 * @param time when the fields last changed hands, as the object carries it; empty if unknown
 * @param fields what is owned
 */
record Manager(Identity identity, String apiVersion, String time, FieldSet fields) {
  static final String APPLY = "Apply";
  static final String UPDATE = "Update";

  /**
   * What tells managers apart.
   *
   * @param name the field manager
   * @param operation {@link #APPLY} or {@link #UPDATE}
   * @param version the version that was written; empty for an applier, who is one in all versions
   * @param subresource the path by which it writes; empty for the object's own
   */
  record Identity(String name, String operation, String version, String subresource) {
    static Identity of(String name, String operation, String apiVersion, String subresource) {
      return new Identity(name, operation, operation.equals(APPLY) ? "" : apiVersion, subresource);
    }
  }

  boolean applied() {
    return identity.operation().equals(APPLY);
  }

  Manager with(FieldSet owned) {
    return new Manager(identity, apiVersion, time, owned);
  }

  Manager at(String now) {
    return new Manager(identity, apiVersion, now, fields);
  }

  /** As a conflict names it. */
  String printed() {
    StringBuilder text = new StringBuilder("\"").append(identity.name()).append('"');
    if (!identity.subresource().isEmpty()) {
      text.append(" with subresource \"").append(identity.subresource()).append('"');
    }
    if (!applied()) {
      text.append(" using ").append(apiVersion);
      if (!time.isEmpty()) {
        text.append(" at ").append(time);
      }
    }
    return text.toString();
  }
}
