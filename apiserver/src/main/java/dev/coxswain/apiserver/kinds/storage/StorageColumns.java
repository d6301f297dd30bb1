package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of volumes, claims and storage classes. */
public final class StorageColumns {
  private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";
  private static final String DEFAULT_ATTRIBUTES =
      "volumeattributesclass.alpha.kubernetes.io/is-default-class";
  private static final Map<String, String> SHORT_MODES =
      Map.of(
          "ReadWriteOnce", "RWO",
          "ReadOnlyMany", "ROX",
          "ReadWriteMany", "RWX",
          "ReadWriteOncePod", "RWOP");
  private static final String UNSET = "<unset>";

  private StorageColumns() {}

  private static String modes(JsonNode modes) {
    return Columns.joined(modes, mode -> SHORT_MODES.getOrDefault(mode.asString(""), ""));
  }

  private static String unset(String text) {
    return text.isEmpty() ? UNSET : text;
  }

  /** Of persistent volumes. */
  public static List<Column> volume() {
    return Columns.named(
        Columns.text("Capacity", "Its size.", v -> Json.text(v, "spec", "capacity", "storage")),
        Columns.text(
            "Access Modes",
            "How it can be mounted.",
            v -> modes(Json.at(v, "spec", "accessModes"))),
        Columns.text(
            "Reclaim Policy",
            "What becomes of it without its claim.",
            v -> Json.text(v, "spec", "persistentVolumeReclaimPolicy")),
        Columns.text("Status", "Whether it is taken.", StorageColumns::phase),
        Columns.text("Claim", "Who has it.", StorageColumns::claim),
        Columns.text(
            "StorageClass", "What kind it is.", v -> Json.text(v, "spec", "storageClassName")),
        Columns.text(
            "VolumeAttributesClass",
            "Its further properties.",
            v -> unset(Json.text(v, "spec", "volumeAttributesClassName"))),
        Columns.text("Reason", "Why it is in this state.", v -> Json.text(v, "status", "reason")),
        Columns.age(),
        Columns.wide("VolumeMode", "Files or blocks.", v -> mode(v)));
  }

  private static String mode(ObjectNode object) {
    return unset(Json.text(object, "spec", "volumeMode"));
  }

  private static String phase(ObjectNode object) {
    boolean going = Json.at(object, "metadata", "deletionTimestamp").isString();
    return going ? "Terminating" : Json.text(object, "status", "phase");
  }

  private static String claim(ObjectNode volume) {
    JsonNode claim = Json.at(volume, "spec", "claimRef");
    return claim.isObject() ? Json.text(claim, "namespace") + "/" + Json.text(claim, "name") : "";
  }

  /** Of claims. */
  public static List<Column> claims() {
    return Columns.named(
        Columns.text("Status", "Whether it has a volume.", StorageColumns::phase),
        Columns.text("Volume", "The volume.", c -> Json.text(c, "spec", "volumeName")),
        Columns.text("Capacity", "The volume's size.", StorageColumns::bound),
        Columns.text(
            "Access Modes",
            "How the volume can be mounted.",
            c ->
                Json.text(c, "spec", "volumeName").isEmpty()
                    ? ""
                    : modes(Json.at(c, "status", "accessModes"))),
        Columns.text(
            "StorageClass", "What kind is wanted.", c -> Json.text(c, "spec", "storageClassName")),
        Columns.text(
            "VolumeAttributesClass",
            "The further properties that are wanted.",
            c -> unset(Json.text(c, "spec", "volumeAttributesClassName"))),
        Columns.age(),
        Columns.wide("VolumeMode", "Files or blocks.", c -> mode(c)));
  }

  private static String bound(ObjectNode claim) {
    return Json.text(claim, "spec", "volumeName").isEmpty()
        ? ""
        : Json.text(claim, "status", "capacity", "storage");
  }

  private static Column classNamed(String markOfTheDefault) {
    return new Column(
        "Name",
        "string",
        "name",
        "The name, and whether it is the default.",
        0,
        (c, _) ->
            Json.text(c, "metadata", "annotations", markOfTheDefault).equals("true")
                ? Json.text(c, "metadata", "name") + " (default)"
                : Json.text(c, "metadata", "name"));
  }

  /** Of classes of further properties of volumes. */
  public static List<Column> attributesClass() {
    return List.of(
        classNamed(DEFAULT_ATTRIBUTES),
        Columns.text("DriverName", "Who knows them.", c -> Json.text(c, "driverName")),
        Columns.age());
  }

  /** Of how much storage of a class there is. */
  public static List<Column> capacity() {
    return Columns.named(
        Columns.text(
            "StorageClassName", "What kind of storage.", c -> Json.text(c, "storageClassName")),
        Columns.text("Capacity", "How much of it.", c -> Json.text(c, "capacity")));
  }

  /** Of drivers of storage. */
  public static List<Column> driver() {
    return Columns.named(
        flag("AttachRequired", "Whether volumes are attached first.", "attachRequired", true),
        flag("PodInfoOnMount", "Whether it is told of the pod.", "podInfoOnMount", false),
        flag("StorageCapacity", "Whether it says what is free.", "storageCapacity", false),
        Columns.text(
            "TokenRequests",
            "For whom it gets tokens of the pods.",
            d ->
                d.path("spec").path("tokenRequests").isEmpty()
                    ? UNSET
                    : Columns.joined(d.path("spec").path("tokenRequests"), "audience")),
        flag("RequiresRepublish", "Whether it is called again.", "requiresRepublish", false),
        Columns.text(
            "Modes",
            "How long its volumes live.",
            d ->
                d.path("spec").path("volumeLifecycleModes").isEmpty()
                    ? "Persistent"
                    : Columns.joined(
                        d.path("spec").path("volumeLifecycleModes"), JsonNode::asString)),
        Columns.age());
  }

  private static Column flag(String name, String description, String field, boolean otherwise) {
    return new Column(
        name,
        "boolean",
        "",
        description,
        0,
        (d, _) -> d.path("spec").path(field).asBoolean(otherwise));
  }

  /** Of storage classes. */
  public static List<Column> storageClass() {
    List<Column> columns = new ArrayList<>();
    columns.add(classNamed(DEFAULT_CLASS));
    columns.add(
        Columns.text("Provisioner", "Who makes volumes.", c -> Json.text(c, "provisioner")));
    columns.add(
        Columns.text(
            "ReclaimPolicy", "What becomes of volumes.", c -> Json.text(c, "reclaimPolicy")));
    columns.add(
        Columns.text(
            "VolumeBindingMode", "When volumes are made.", c -> Json.text(c, "volumeBindingMode")));
    columns.add(
        new Column(
            "AllowVolumeExpansion",
            "boolean",
            "",
            "Whether volumes can grow.",
            0,
            (c, _) -> Json.flag(c, "allowVolumeExpansion")));
    columns.add(Columns.age());
    return List.copyOf(columns);
  }
}
