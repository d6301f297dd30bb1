package dev.coxswain.apiserver.protobuf;

/** How a message looks in JSON. */
public enum MessageForm {
  /** An object with a property for each field. */
  OBJECT,
  /** A message around one string: a quantity. */
  STRING,
  /** A number or a string. */
  INT_OR_STRING,
  /** Seconds and nanoseconds, as RFC 3339 in seconds; null when empty. */
  TIME,
  /** Seconds and nanoseconds, as RFC 3339 in microseconds; null when empty. */
  MICRO_TIME,
  /** A message around bytes that are JSON. */
  RAW_JSON,
  /** A message around one list, which is an array. */
  LIST;

  /** The form of the message with this full name. */
  public static MessageForm of(String message) {
    return switch (message) {
      case "k8s.io.apimachinery.pkg.api.resource.Quantity" -> STRING;
      case "k8s.io.apimachinery.pkg.util.intstr.IntOrString" -> INT_OR_STRING;
      case "k8s.io.apimachinery.pkg.apis.meta.v1.Time" -> TIME;
      case "k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime" -> MICRO_TIME;
      case "k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1",
          "k8s.io.apimachinery.pkg.runtime.RawExtension" ->
          RAW_JSON;
      case "k8s.io.api.authentication.v1.ExtraValue",
          "k8s.io.api.authorization.v1.ExtraValue",
          "k8s.io.api.certificates.v1.ExtraValue",
          "k8s.io.apimachinery.pkg.apis.meta.v1.Verbs" ->
          LIST;
      default -> OBJECT;
    };
  }
}
