package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The administrator's client certificate, for tools that want it in files. */
final class AdminCertificate {
  private final byte[] certificate;
  private final byte[] key;

  private AdminCertificate(byte[] certificate, byte[] key) {
    this.certificate = certificate;
    this.key = key;
  }

  /** Reads it from a kubeconfig in JSON, whether it stands there as data or as paths. */
  static AdminCertificate of(String kubeconfig) {
    JsonNode user =
        JsonMapper.builder().build().readTree(kubeconfig).path("users").path(0).path("user");
    return new AdminCertificate(material(user, "client-certificate"), material(user, "client-key"));
  }

  /** Puts both into files for as long as the use lasts. */
  <T> T use(BiFunction<String, String, T> use) {
    try {
      Path certificateFile = Files.write(Files.createTempFile("admin", ".crt"), certificate);
      Path keyFile = Files.write(Files.createTempFile("admin", ".key"), key);
      try {
        return use.apply(certificateFile.toString(), keyFile.toString());
      } finally {
        Files.delete(certificateFile);
        Files.delete(keyFile);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static byte[] material(JsonNode user, String field) {
    JsonNode data = user.path(field + "-data");
    try {
      return data.isMissingNode()
          ? Files.readAllBytes(Path.of(user.path(field).asString()))
          : Base64.getDecoder().decode(data.asString());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
