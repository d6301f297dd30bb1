package dev.coxswain.apiserver.managedfields;

import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fields that an applier would change and that others own.
 *
 * @param fields for each owner the fields
 */
record Conflicts(Map<Manager, FieldSet> fields) {
  private static final String CAUSE = "FieldManagerConflict";

  boolean isEmpty() {
    return fields.isEmpty();
  }

  /** Those that are not allowed. */
  Conflicts without(FieldSet allowed) {
    Map<Manager, FieldSet> left = new LinkedHashMap<>();
    fields.forEach((manager, set) -> {
      FieldSet rest = set.difference(allowed);
      if (!rest.isEmpty()) {
        left.put(manager, rest);
      }
    });
    return new Conflicts(left);
  }

  /** The 409 that lists them. */
  ApiException failure() {
    Map<String, List<String>> paths = new TreeMap<>();
    fields.forEach((manager, set) ->
        paths.computeIfAbsent(manager.printed(), _ -> new ArrayList<>()).addAll(set.paths()));
    List<StatusCause> causes = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    paths.forEach((manager, fields) -> {
      text.append(text.isEmpty() ? "" : "\n").append("conflicts with ").append(manager);
      text.append(':');
      for (String field : fields) {
        text.append("\n- ").append(field);
        causes.add(new StatusCause(CAUSE, "conflict with " + manager, field));
      }
    });
    StatusCause first = causes.getFirst();
    String message =
        causes.size() == 1
            ? "Apply failed with 1 conflict: " + first.message() + ": " + first.field()
            : "Apply failed with " + causes.size() + " conflicts: " + text;
    return new ApiException(
        new ApiStatus(
            StatusReason.CONFLICT.code(),
            StatusReason.CONFLICT,
            message,
            new ApiStatus.Details("", "", "", "", causes, 0)));
  }
}
