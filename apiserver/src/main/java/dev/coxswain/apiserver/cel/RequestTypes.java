package dev.coxswain.apiserver.cel;

import dev.cel.common.types.SimpleType;
import dev.coxswain.apiserver.cel.ValueType.Equality;
import dev.coxswain.apiserver.cel.ValueType.Field;
import dev.coxswain.apiserver.cel.ValueType.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What expressions know of a request and of its namespace, beside the object itself. */
public final class RequestTypes {
  private static final ValueType STRING = ValueType.scalar(Kind.STRING, SimpleType.STRING, 0, 2);
  private static final ValueType TIME =
      ValueType.scalar(Kind.TIMESTAMP, SimpleType.TIMESTAMP, 0, 2);
  private static final ValueType INTEGER = ValueType.scalar(Kind.INTEGER, SimpleType.INT, 0, 1);
  private static final ValueType BOOLEAN = ValueType.scalar(Kind.BOOLEAN, SimpleType.BOOL, 0, 4);
  private static final ValueType TEXTS = list(STRING);

  /** The type of {@code request.userInfo}, and of {@code user} where tokens are judged. */
  public static final ValueType USER =
      object(
          "kubernetes.UserInfo",
          Map.of(
              "username",
              STRING,
              "uid",
              STRING,
              "groups",
              TEXTS,
              "extra",
              ValueType.map(TEXTS, 0)));

  /** The type of {@code request}. */
  public static final ValueType REQUEST = request();

  /** The type of {@code namespaceObject}. */
  public static final ValueType NAMESPACE = namespace();

  private RequestTypes() {}

  private static ValueType list(ValueType element) {
    return ValueType.list(element, 0, Equality.ORDERED, List.of());
  }

  private static ValueType object(String name, Map<String, ValueType> fields) {
    Map<String, Field> declared = new TreeMap<>();
    fields.forEach((field, type) ->
        declared.put(PropertyNames.escape(field).orElse(field), new Field(field, type)));
    return ValueType.object(name, declared, 2);
  }

  private static ValueType request() {
    ValueType kind =
        object(
            "kubernetes.GroupVersionKind",
            Map.of("group", STRING, "version", STRING, "kind", STRING));
    ValueType resource =
        object(
            "kubernetes.GroupVersionResource",
            Map.of("group", STRING, "version", STRING, "resource", STRING));
    return object(
        "kubernetes.AdmissionRequest",
        Map.ofEntries(
            Map.entry("kind", kind),
            Map.entry("resource", resource),
            Map.entry("subResource", STRING),
            Map.entry("requestKind", kind),
            Map.entry("requestResource", resource),
            Map.entry("requestSubResource", STRING),
            Map.entry("name", STRING),
            Map.entry("namespace", STRING),
            Map.entry("operation", STRING),
            Map.entry("userInfo", USER),
            Map.entry("dryRun", BOOLEAN),
            Map.entry("options", ValueType.dynamic(0))));
  }

  private static ValueType namespace() {
    ValueType condition =
        object(
            "kubernetes.NamespaceCondition",
            Map.of(
                "status",
                STRING,
                "type",
                STRING,
                "lastTransitionTime",
                TIME,
                "message",
                STRING,
                "reason",
                STRING));
    ValueType metadata =
        object(
            "kubernetes.NamespaceMetadata",
            Map.ofEntries(
                Map.entry("name", STRING),
                Map.entry("generateName", STRING),
                Map.entry("namespace", STRING),
                Map.entry("labels", ValueType.map(STRING, 0)),
                Map.entry("annotations", ValueType.map(STRING, 0)),
                Map.entry("UID", STRING),
                Map.entry("creationTimestamp", TIME),
                Map.entry("deletionGracePeriodSeconds", INTEGER),
                Map.entry("deletionTimestamp", TIME),
                Map.entry("generation", INTEGER),
                Map.entry("resourceVersion", STRING),
                Map.entry("finalizers", TEXTS)));
    return object(
        "kubernetes.Namespace",
        Map.of(
            "metadata",
            metadata,
            "spec",
            object("kubernetes.NamespaceSpec", Map.of("finalizers", TEXTS)),
            "status",
            object(
                "kubernetes.NamespaceStatus",
                Map.of("conditions", list(condition), "phase", STRING))));
  }
}
