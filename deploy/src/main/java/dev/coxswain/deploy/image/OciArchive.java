package dev.coxswain.deploy.image;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * An OCI image layout (image-spec 1.0) in one tar: what {@code ctr images import} and {@code
 * skopeo} read. Layers are not compressed; they go no further than this machine's memory.
 */
final class OciArchive {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<String, byte[]> blobs = new TreeMap<>();
  private final List<Map<String, Object>> manifests = new ArrayList<>();

  /**
   * How a container of the image starts.
   *
   * @param architecture Go's name for it, as the image specification wants
   * @param entrypoint what arguments of a container are appended to
   * @param command what runs unless a container says otherwise
   */
  record Config(
      String architecture,
      List<String> entrypoint,
      List<String> command,
      List<String> environment,
      List<String> ports,
      String user) {}

  /** Adds an image of one layer under its full name, registry and tag included. */
  void add(String reference, byte[] layer, Config config) {
    String layerDigest = blob(layer);
    var process = new LinkedHashMap<String, Object>();
    process.put("Entrypoint", config.entrypoint());
    process.put("Cmd", config.command());
    process.put("Env", config.environment());
    var exposed = new TreeMap<String, Object>();
    config.ports().forEach(port -> exposed.put(port, Map.of()));
    process.put("ExposedPorts", exposed);
    process.put("User", config.user());
    process.put("WorkingDir", "/");
    var image = new LinkedHashMap<String, Object>();
    image.put("architecture", config.architecture());
    image.put("os", "linux");
    image.put("config", process);
    image.put("rootfs", ordered("type", "layers", "diff_ids", List.of(layerDigest)));
    byte[] imageBytes = json(image);
    byte[] manifest =
        json(
            ordered(
                "schemaVersion",
                2,
                "mediaType",
                "application/vnd.oci.image.manifest.v1+json",
                "config",
                descriptor("application/vnd.oci.image.config.v1+json", imageBytes),
                "layers",
                List.of(descriptor("application/vnd.oci.image.layer.v1.tar", layer))));
    blob(imageBytes);
    blob(manifest);
    Map<String, Object> entry = descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
    entry.put(
        "annotations",
        ordered(
            "io.containerd.image.name",
            reference,
            "org.opencontainers.image.ref.name",
            reference.substring(reference.lastIndexOf(':') + 1)));
    entry.put("platform", ordered("architecture", config.architecture(), "os", "linux"));
    manifests.add(entry);
  }

  byte[] finish() {
    var tar = new TarWriter();
    tar.file("oci-layout", 0644, json(Map.of("imageLayoutVersion", "1.0.0")));
    tar.file("index.json", 0644, json(ordered("schemaVersion", 2, "manifests", manifests)));
    tar.directory("blobs", 0755);
    tar.directory("blobs/sha256", 0755);
    blobs.forEach((digest, bytes) -> tar.file("blobs/sha256/" + digest, 0644, bytes));
    return tar.finish();
  }

  private String blob(byte[] bytes) {
    String digest = sha256(bytes);
    blobs.put(digest, bytes);
    return "sha256:" + digest;
  }

  private static Map<String, Object> descriptor(String mediaType, byte[] bytes) {
    return ordered(
        "mediaType", mediaType, "digest", "sha256:" + sha256(bytes), "size", bytes.length);
  }

  private static Map<String, Object> ordered(Object... keysAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int index = 0; index < keysAndValues.length; index += 2) {
      map.put((String) keysAndValues[index], keysAndValues[index + 1]);
    }
    return map;
  }

  private static byte[] json(Object value) {
    return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every JDK has SHA-256", missing);
    }
  }
}
