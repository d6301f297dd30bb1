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
 * @param version the version of {@code meta.k8s.io} that tables and metadata are of
 * @param yaml whether as YAML, or else as JSON
 */
public record Accept(Form form, String version, boolean yaml) {
  private static final String GROUP = "meta.k8s.io";
  private static final String LATEST = "v1";

  /** Tables and metadata look the same in both. */
  private static final Set<String> VERSIONS = Set.of(LATEST, "v1beta1");

  /** The object itself as JSON. */
  public static final Accept DEFAULT = new Accept(Form.OBJECT, LATEST, false);

  /** What is made of objects. */
  public enum Form {
    /** They themselves. */
    OBJECT,
    /** {@code meta.k8s.io Table}. */
    TABLE,
    /** {@code meta.k8s.io PartialObjectMetadata}, alone or as a list. */
    METADATA
  }

  /** The {@code apiVersion} of tables and metadata. */
  public String apiVersion() {
    return GROUP + "/" + version;
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
        case "application/json", "*/*", "application/*", "application/yaml" -> {
          Accept accept = transformed(parts);
          if (accept != null && served.contains(accept.form)) {
            return accept;
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

  /** What the parameters of a media type ask for; null where there is no such thing. */
  private static @Nullable Accept transformed(String[] parts) {
    boolean yaml = parts[0].trim().equals("application/yaml");
    String as = "";
    String group = GROUP;
    String version = LATEST;
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
      return new Accept(Form.OBJECT, LATEST, yaml);
    }
    if (!group.equals(GROUP) || !VERSIONS.contains(version)) {
      return null;
    }
    return switch (as) {
      case "table" -> new Accept(Form.TABLE, version, yaml);
      case "partialobjectmetadata", "partialobjectmetadatalist" ->
          new Accept(Form.METADATA, version, yaml);
      default -> null;
    };
  }
}
