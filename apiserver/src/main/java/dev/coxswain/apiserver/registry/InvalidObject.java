package dev.coxswain.apiserver.registry;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.stream.Collectors;

/** The 422 answer to an object that breaks rules. */
public final class InvalidObject {
  private InvalidObject() {}

  /**
   * The status: {@code Pod "web" is invalid: spec.containers[0].image: Required value}, with one
   * cause for each error. Several errors stand in brackets, a repeated message once.
   */
  public static ApiStatus status(GroupVersionKind kind, String name, List<FieldError> errors) {
    List<String> messages = errors.stream().map(FieldError::message).distinct().toList();
    String all =
        messages.size() == 1
            ? messages.getFirst()
            : messages.stream().collect(Collectors.joining(", ", "[", "]"));
    String qualified = new GroupResource(kind.group(), kind.kind()).toString();
    return new ApiStatus(
        StatusReason.INVALID.code(),
        StatusReason.INVALID,
        qualified + " \"" + name + "\" is invalid: " + all,
        new ApiStatus.Details(
            name,
            kind.group(),
            kind.kind(),
            "",
            errors.stream().map(FieldError::cause).toList(),
            0));
  }

  /** Throws the status where there is an error, and does nothing where there is none. */
  public static void throwIfAny(GroupVersionKind kind, String name, List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw new ApiException(status(kind, name, errors));
    }
  }
}
