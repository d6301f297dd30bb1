package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What is wrong with volumes of other makers' storage. Most of these sources are served by drivers
 * today, or by nothing at all, but whoever still writes one is told of a mistake at once.
 */
public final class ForeignVolumeRules {
  private static final int LARGEST_NUMBER = 255;
  private static final int LONGEST_TENANT = 64;
  private static final String SECRET = "secretRef";

  /** The forms of what names an iSCSI target or initiator, by how it begins. */
  private static final Map<String, Pattern> TARGETS =
      Map.of(
          "iqn",
          Pattern.compile("iqn\\.[0-9]{4}-[0-9]{2}\\.[A-Za-z0-9.-]+:[^,;*&$|\\s]+"),
          "eui",
          Pattern.compile("eui\\.[A-Za-z0-9]{16}"),
          "naa",
          Pattern.compile("naa\\.[A-Za-z0-9]{32}"));

  private final List<FieldError> errors;

  /** Adds what it finds to a list. */
  public ForeignVolumeRules(List<FieldError> errors) {
    this.errors = errors;
  }

  /** Checks one source; a kind without rules of its own is left to its shape. */
  public void check(String kind, JsonNode source, String path) {
    switch (kind) {
      case "gitRepo" -> {
        Checks.required(source, "repository", path, errors);
        Paths.descending(Json.text(source, "directory"), path + ".directory", errors);
      }
      case "nfs" -> {
        required(source, List.of("server", "path"), path);
        Paths.absolute(Json.text(source, "path"), path + ".path", errors);
      }
      case "gcePersistentDisk" -> disk(source, "pdName", path);
      case "awsElasticBlockStore" -> disk(source, "volumeID", path);
      case "iscsi" -> iscsi(source, path);
      case "fc" -> fibreChannel(source, path);
      case "cephfs" -> filled(source, "monitors", path);
      case "rbd" -> {
        filled(source, "monitors", path);
        Checks.required(source, "image", path, errors);
      }
      case "glusterfs" -> required(source, List.of("endpoints", "path"), path);
      case "quobyte" -> quobyte(source, path);
      case "flocker" -> flocker(source, path);
      case "flexVolume" -> flexible(source, path);
      case "cinder" -> {
        Checks.required(source, "volumeID", path, errors);
        secret(source, path);
      }
      case "azureFile" -> required(source, List.of("secretName", "shareName"), path);
      case "azureDisk" -> azureDisk(source, path);
      case "vsphereVolume" -> Checks.required(source, "volumePath", path, errors);
      case "photonPersistentDisk" -> Checks.required(source, "pdID", path, errors);
      case "portworxVolume" -> Checks.required(source, "volumeID", path, errors);
      case "scaleIO" -> required(source, List.of("gateway", "system", "volumeName"), path);
      case "storageos" -> storageOs(source, path);
      default -> {
        // What is left has no rules beyond its shape.
      }
    }
  }

  private void required(JsonNode source, List<String> fields, String path) {
    for (String field : fields) {
      Checks.required(source, field, path, errors);
    }
  }

  private void filled(JsonNode source, String field, String path) {
    if (source.path(field).isEmpty()) {
      errors.add(FieldError.required(path + "." + field, ""));
    }
  }

  private void secret(JsonNode source, String path) {
    if (source.path(SECRET).isObject()) {
      Checks.required(source.path(SECRET), "name", path + "." + SECRET, errors);
    }
  }

  private void disk(JsonNode source, String name, String path) {
    Checks.required(source, name, path, errors);
    JsonNode partition = source.path("partition");
    if (partition.isNumber() && (partition.asLong() < 0 || partition.asLong() > LARGEST_NUMBER)) {
      // Zero stands for the whole disk, and is not spoken of.
      errors.add(
          FieldError.invalid(
              path + ".partition", partition, "must be between 1 and 255, inclusive"));
    }
  }

  private void iscsi(JsonNode source, String path) {
    Checks.required(source, "targetPortal", path, errors);
    if (Checks.required(source, "iqn", path, errors)) {
      target(Json.text(source, "iqn"), path + ".iqn");
    }
    Checks.range(source, "lun", 0, LARGEST_NUMBER, path, errors);
    boolean authenticates =
        Json.flag(source, "chapAuthDiscovery") || Json.flag(source, "chapAuthSession");
    if (authenticates && !source.path(SECRET).isObject()) {
      errors.add(FieldError.required(path + "." + SECRET, ""));
    }
    if (source.hasNonNull("initiatorName")) {
      target(Json.text(source, "initiatorName"), path + ".initiatorname");
    }
  }

  private void target(String name, String path) {
    Pattern form = name.length() < 3 ? null : TARGETS.get(name.substring(0, 3));
    if (form == null) {
      errors.add(
          FieldError.invalid(path, name, "must be valid format starting with iqn, eui, or naa"));
    } else if (!form.matcher(name).matches()) {
      errors.add(FieldError.invalid(path, name, "must be valid format"));
    }
  }

  private void fibreChannel(JsonNode source, String path) {
    JsonNode names = source.path("targetWWNs");
    boolean identified = !source.path("wwids").isEmpty();
    if (names.isEmpty() && !identified) {
      errors.add(
          FieldError.required(
              path + ".targetWWNs", "must specify either targetWWNs or wwids, but not both"));
    }
    if (names.isEmpty()) {
      return;
    }
    if (identified) {
      errors.add(
          FieldError.invalid(
              path + ".targetWWNs",
              names,
              "targetWWNs and wwids can not be specified simultaneously"));
    }
    if (!source.hasNonNull("lun")) {
      errors.add(FieldError.required(path + ".lun", "lun is required if targetWWNs is specified"));
    }
    Checks.range(source, "lun", 0, LARGEST_NUMBER, path, errors);
  }

  private void quobyte(JsonNode source, String path) {
    String pairs = "must be a host:port pair or multiple pairs separated by commas";
    String registry = Json.text(source, "registry");
    if (registry.isEmpty()) {
      errors.add(FieldError.required(path + ".registry", pairs));
    } else if (Json.text(source, "tenant").length() > LONGEST_TENANT) {
      errors.add(
          FieldError.required(
              path + ".tenant", "must be a UUID and may not exceed a length of 64 characters"));
    } else if (!List.of(registry.split(",", -1)).stream().allMatch(ForeignVolumeRules::isPair)) {
      errors.add(FieldError.invalid(path + ".registry", registry, pairs));
    }
    Checks.required(source, "volume", path, errors);
  }

  private static boolean isPair(String text) {
    int colon = text.lastIndexOf(':');
    return colon >= 0
        && (text.indexOf(':') == colon
            || (text.startsWith("[") && text.indexOf("]:") == colon - 1));
  }

  private void flocker(JsonNode source, String path) {
    String name = Json.text(source, "datasetName");
    boolean identified = !Json.text(source, "datasetUUID").isEmpty();
    if (name.isEmpty() && !identified) {
      errors.add(FieldError.required(path, "one of datasetName and datasetUUID is required"));
    }
    if (!name.isEmpty() && identified) {
      errors.add(
          FieldError.invalid(
              path, "resource", "datasetName and datasetUUID can not be specified simultaneously"));
    }
    if (name.indexOf('/') >= 0) {
      errors.add(FieldError.invalid(path + ".datasetName", name, "must not contain '/'"));
    }
  }

  private void flexible(JsonNode source, String path) {
    Checks.required(source, "driver", path, errors);
    for (String option : new ArrayList<>(source.path("options").propertyNames())) {
      int slash = option.indexOf('/');
      String space = "." + (slash < 0 ? option : option.substring(0, slash));
      String lower = space.toLowerCase(Locale.ROOT);
      if (lower.endsWith(".kubernetes.io") || lower.endsWith(".k8s.io")) {
        errors.add(
            FieldError.invalid(
                path + ".options[" + option + "]",
                option,
                "kubernetes.io and k8s.io namespaces are reserved"));
      }
    }
  }

  private void azureDisk(JsonNode source, String path) {
    required(source, List.of("diskName", "diskURI"), path);
    String kind = Json.text(source, "kind");
    String address = Json.text(source, "diskURI");
    if (kind.isEmpty()) {
      return;
    }
    boolean managed = kind.equals("Managed");
    if (!address.startsWith(managed ? "/subscriptions/" : "https://")) {
      Collection<String> forms =
          List.of(
              managed
                  ? "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/"
                      + "microsoft.compute/disks/{disk-id}"
                  : "https://{account-name}.blob.core.windows.net/{container-name}/"
                      + "{disk-name}.vhd");
      errors.add(FieldError.notSupported(path + ".diskURI", address, forms));
    }
  }

  private void storageOs(JsonNode source, String path) {
    String name = Json.text(source, "volumeName");
    if (Checks.required(source, "volumeName", path, errors)) {
      Checks.form(Names.label(name), path + ".volumeName", name, errors);
    }
    String namespace = Json.text(source, "volumeNamespace");
    if (!namespace.isEmpty()) {
      Checks.form(Names.label(namespace), path + ".volumeNamespace", namespace, errors);
    }
    secret(source, path);
  }
}
