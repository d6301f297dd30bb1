package dev.coxswain.apiserver.registry;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The 422 answer to an object that breaks rules. */
public final class InvalidObject {
  /** How many errors of one object are told: each may be a hundred times what caused it. */
  static final int MOST_TOLD = 100;

  private InvalidObject() {}

  /**
   * The status: {@code Pod "web" is invalid: spec.containers[0].image: Required value}, with one
   * cause for each error. Several errors stand in brackets, a repeated message once; of more than
   * {@link #MOST_TOLD} only so many, and how many there are.
   */
  public static ApiStatus status(GroupVersionKind kind, String name, List<FieldError> errors) {
    List<FieldError> told = errors.subList(0, Math.min(errors.size(), MOST_TOLD));
    List<String> messages =
        Stream.concat(
                told.stream().map(FieldError::message).distinct(),
                errors.size() > MOST_TOLD
                    ? Stream.of("and " + (errors.size() - MOST_TOLD) + " more errors")
                    : Stream.of())
            .toList();
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
            name, kind.group(), kind.kind(), "", told.stream().map(FieldError::cause).toList(), 0));
  }

  /** Throws the status where there is an error, and does nothing where there is none. */
  public static void throwIfAny(GroupVersionKind kind, String name, List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw new ApiException(status(kind, name, errors));
    }
  }
}
