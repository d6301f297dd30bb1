package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form in which a client wants objects.
 *
 * @param form the shape
 * @param yaml whether as YAML, or else as JSON
 */
public record Accept(Form form, boolean yaml) {
  /** The object itself as JSON. */
  public static final Accept DEFAULT = new Accept(Form.OBJECT, false);

  /** What is made of objects. */
  public enum Form {
    /** They themselves. */
    OBJECT,
    /** {@code meta.k8s.io/v1 Table}. */
    TABLE,
    /** {@code meta.k8s.io/v1 PartialObjectMetadata}, alone or as a list. */
    METADATA
  }

  /**
   * Chooses the first form of an {@code Accept} header that can be served. Protobuf is answered
   * with JSON where nothing else was asked for, which every client with a JSON codec understands.
   *
   * @throws ApiException with reason {@code NotAcceptable}
   */
  public static Accept parse(String header) {
    return parse(header, EnumSet.allOf(Form.class));
  }

  /**
   * The same among the forms that there are: an answer that is not stored has no table and no
   * metadata of its own.
   *
   * @throws ApiException with reason {@code NotAcceptable}
   */
  public static Accept parse(String header, Set<Form> served) {
    if (header.isEmpty()) {
      return DEFAULT;
    }
    boolean protobuf = false;
    for (String range : header.split(",", -1)) {
      String[] parts = range.trim().toLowerCase(Locale.ROOT).split(";", -1);
      switch (parts[0].trim()) {
        case "application/json", "*/*", "application/*" -> {
          Form form = form(parts);
          if (form != null && served.contains(form)) {
            return new Accept(form, false);
          }
        }
        case "application/yaml" -> {
          Form form = form(parts);
          if (form != null && served.contains(form)) {
            return new Accept(form, true);
          }
        }
        case "application/vnd.kubernetes.protobuf" -> protobuf = true;
        default -> {}
      }
    }
    if (protobuf) {
      return DEFAULT;
    }
    throw new ApiException(
        StatusReason.NOT_ACCEPTABLE,
        "only the following media types are accepted: application/json, application/yaml");
  }

  private static @Nullable Form form(String[] parts) {
    String as = "";
    String group = "meta.k8s.io";
    String version = "v1";
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].trim();
      if (parameter.startsWith("as=")) {
        as = parameter.substring(3);
      } else if (parameter.startsWith("g=")) {
        group = parameter.substring(2);
      } else if (parameter.startsWith("v=")) {
        version = parameter.substring(2);
      }
    }
    if (as.isEmpty()) {
      return Form.OBJECT;
    }
    if (!group.equals("meta.k8s.io") || !version.equals("v1")) {
      return null;
    }
    return switch (as) {
      case "table" -> Form.TABLE;
      case "partialobjectmetadata", "partialobjectmetadatalist" -> Form.METADATA;
      default -> null;
    };
  }
}
