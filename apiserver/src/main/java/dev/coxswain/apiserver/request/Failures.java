package dev.coxswain.apiserver.request;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authz.Attributes;
import java.util.List;

/** The failures that requests commonly end with, in upstream's words. */
public final class Failures {
  private Failures() {}

  /** No such object. */
  public static ApiException notFound(GroupResource resource, String name) {
    return about(StatusReason.NOT_FOUND, resource, name, resource + " \"" + name + "\" not found");
  }

  /** No such path. */
  public static ApiException noSuchPath() {
    return new ApiException(
        new ApiStatus(
            404,
            StatusReason.NOT_FOUND,
            "the server could not find the requested resource",
            ApiStatus.Details.NONE));
  }

  /** There already is an object with that name. */
  public static ApiException alreadyExists(GroupResource resource, String name) {
    return about(
        StatusReason.ALREADY_EXISTS, resource, name, resource + " \"" + name + "\" already exists");
  }

  /** Somebody else was faster, or the object is not the one that was meant. */
  public static ApiException conflict(GroupResource resource, String name, String why) {
    return about(
        StatusReason.CONFLICT,
        resource,
        name,
        "Operation cannot be fulfilled on " + resource + " \"" + name + "\": " + why);
  }

  /** The resourceVersion that was given is not the current one. */
  public static ApiException modified(GroupResource resource, String name) {
    return conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  /** The request makes no sense. */
  public static ApiException badRequest(String message) {
    return new ApiException(StatusReason.BAD_REQUEST, message);
  }

  /** The resource does not know this verb. */
  public static ApiException methodNotAllowed(GroupResource resource, String verb) {
    return new ApiException(
        new ApiStatus(
            405,
            StatusReason.METHOD_NOT_ALLOWED,
            verb + " is not supported on resources of kind \"" + resource + "\"",
            new ApiStatus.Details("", resource.group(), resource.resource(), "", List.of(), 0)));
  }

  /** The resourceVersion asked for lies ahead of the store, or of this server. */
  public static ApiException versionTooLarge(long wanted, long current) {
    return new ApiException(
        new ApiStatus(
            StatusReason.TIMEOUT.code(),
            StatusReason.TIMEOUT,
            "Too large resource version: " + wanted + ", current: " + current,
            new ApiStatus.Details(
                "",
                "",
                "",
                "",
                List.of(
                    new StatusCause("ResourceVersionTooLarge", "Too large resource version", "")),
                1)));
  }

  /** The resourceVersion asked for is gone. */
  public static ApiException expired(long wanted, long oldest) {
    return new ApiException(
        StatusReason.EXPIRED, "too old resource version: " + wanted + " (" + oldest + ")");
  }

  /** The user may not. */
  public static ApiException forbidden(Attributes attributes, String reason) {
    String user = "User \"" + attributes.user().name() + "\" cannot " + attributes.verb();
    if (!attributes.resourceRequest()) {
      return new ApiException(
          new ApiStatus(
              403,
              StatusReason.FORBIDDEN,
              "forbidden: " + user + " path \"" + attributes.path() + "\"" + because(reason),
              ApiStatus.Details.NONE));
    }
    GroupResource resource = new GroupResource(attributes.group(), attributes.resource());
    String scope =
        attributes.namespace().isEmpty()
            ? " at the cluster scope"
            : " in the namespace \"" + attributes.namespace() + "\"";
    return about(
        StatusReason.FORBIDDEN,
        resource,
        attributes.name(),
        resource
            + (attributes.name().isEmpty() ? "" : " \"" + attributes.name() + "\"")
            + " is forbidden: "
            + user
            + " resource \""
            + attributes.resourceWithSubresource()
            + "\" in API group \""
            + attributes.group()
            + "\""
            + scope
            + because(reason));
  }

  /** A rule of the cluster refuses the object. */
  public static ApiException refused(GroupResource resource, String name, String why) {
    return about(
        StatusReason.FORBIDDEN,
        resource,
        name,
        resource + " \"" + name + "\" is forbidden: " + why);
  }

  private static String because(String reason) {
    return reason.isEmpty() ? "" : ": " + reason;
  }

  private static ApiException about(
      StatusReason reason, GroupResource resource, String name, String message) {
    return new ApiException(
        new ApiStatus(
            reason.code(),
            reason,
            message,
            new ApiStatus.Details(name, resource.group(), resource.resource(), "", List.of(), 0)));
  }
}
