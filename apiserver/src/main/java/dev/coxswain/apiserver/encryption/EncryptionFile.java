package dev.coxswain.apiserver.encryption;

import dev.coxswain.runtime.program.ConfigFile;
import dev.coxswain.runtime.program.Durations;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads an {@code EncryptionConfiguration} of {@code apiserver.config.k8s.io/v1}. */
public final class EncryptionFile {
  private static final String VERSION = "apiserver.config.k8s.io/v1";
  private static final Set<Integer> KEY_LENGTHS = Set.of(16, 24, 32);

  /** How the address of a plugin begins. */
  private static final String SOCKETS = "unix://";

  private static final Duration KEY_SERVER_TIMEOUT = Duration.ofSeconds(3);

  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final Time time;
  private final Randomness randomness;
  private final List<String> errors = new ArrayList<>();
  private final Set<String> servers = new HashSet<>();

  private EncryptionFile(Time time, Randomness randomness) {
    this.time = time;
    this.randomness = randomness;
  }

  private record Document(
      @Nullable String apiVersion,
      @Nullable String kind,
      @Nullable List<ResourcesEntry> resources) {}

  private record ResourcesEntry(
      @Nullable List<String> resources, @Nullable List<ProviderEntry> providers) {}

  private record ProviderEntry(
      @Nullable KeysEntry aesgcm,
      @Nullable KeysEntry aescbc,
      @Nullable KeysEntry secretbox,
      @Nullable Map<String, Object> identity,
      @Nullable KeyServerEntry kms) {}

  private record KeyServerEntry(
      @Nullable String apiVersion,
      @Nullable String name,
      @Nullable String endpoint,
      @Nullable Integer cachesize,
      @Nullable String timeout) {}

  private record KeysEntry(@Nullable List<KeyEntry> keys) {}

  private record KeyEntry(@Nullable String name, @Nullable String secret) {
    /** Without the key: it never reaches a log. */
    @Override
    public String toString() {
      return "key " + name;
    }
  }

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException naming the file, the field and what is wrong with it; also
   *     where others than its owner may touch the file
   */
  public static Encryption read(Path file, Time time, Randomness randomness) {
    requirePrivate(file);
    Document document = ConfigFile.read(file, Document.class);
    EncryptionFile reader = new EncryptionFile(time, randomness);
    Encryption encryption = reader.encryption(document);
    if (!reader.errors.isEmpty()) {
      encryption.retire();
      throw new IllegalArgumentException(
          "encryption config " + file + ": " + String.join("; ", reader.errors));
    }
    return encryption;
  }

  private static void requirePrivate(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (!OWNERS.containsAll(permissions)) {
        throw new IllegalArgumentException(
            "encryption config "
                + file
                + ": holds keys and may be read or written by its owner only (chmod 600)");
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "encryption config " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private Encryption encryption(Document document) {
    if (!VERSION.equals(document.apiVersion())
        || !"EncryptionConfiguration".equals(document.kind())) {
      errors.add("apiVersion and kind: must be " + VERSION + " and EncryptionConfiguration");
    }
    List<Encryption.Rule> rules = new ArrayList<>();
    for (ResourcesEntry entry : all(document.resources())) {
      rules.add(rule(entry, "resources[" + rules.size() + "]"));
    }
    if (rules.isEmpty()) {
      errors.add("resources: Required value: at least one item with resources is required");
    }
    return new Encryption(rules);
  }

  private Encryption.Rule rule(ResourcesEntry entry, String path) {
    List<String> resources = new ArrayList<>();
    for (String resource : all(entry.resources())) {
      String problem = problem(resource);
      if (!problem.isEmpty()) {
        invalid(path + ".resources[" + resources.size() + "]", resource, problem);
      }
      resources.add(resource);
    }
    if (resources.isEmpty()) {
      errors.add(path + ".resources: Required value: at least one resource is required");
    }
    List<Provider> providers = new ArrayList<>();
    int number = 0;
    for (ProviderEntry provider : all(entry.providers())) {
      providers.addAll(providers(provider, path + ".providers[" + number++ + "]"));
    }
    if (number == 0) {
      errors.add(path + ".providers: Required value: at least one provider is required");
    }
    return new Encryption.Rule(resources, providers);
  }

  private static String problem(String resource) {
    if (!resource.equals(resource.toLowerCase(Locale.ROOT))) {
      return "resource name must be lower case";
    }
    if (resource.equals("*")) {
      return "use '*.' to encrypt all the resources of the core group, or '*.*' to encrypt all"
          + " resources";
    }
    return resource.lastIndexOf('*') > 0 && !resource.equals("*.*")
        ? "resource name must be of the form '<resource>.<group>', '*.<group>', '*.' or '*.*'"
        : "";
  }

  private List<Provider> providers(ProviderEntry entry, String path) {
    long given =
        Stream.of(entry.aesgcm(), entry.aescbc(), entry.secretbox(), entry.identity(), entry.kms())
            .filter(one -> one != null)
            .count();
    if (given != 1) {
      errors.add(
          path
              + (given == 0
                  ? ": Required value: provider does not contain any of the expected providers:"
                      + " KMS, AESGCM, AESCBC, Secretbox, Identity"
                  : ": Invalid value: more than one provider specified in a single element, should"
                      + " split into different list elements"));
      return List.of();
    }
    if (entry.identity() != null) {
      return List.of(new Provider.Identity());
    }
    if (entry.aesgcm() != null) {
      return keys(entry.aesgcm(), KEY_LENGTHS, aes(AesProvider.Mode.GCM), path + ".aesgcm.keys");
    }
    if (entry.aescbc() != null) {
      return keys(entry.aescbc(), KEY_LENGTHS, aes(AesProvider.Mode.CBC), path + ".aescbc.keys");
    }
    if (entry.secretbox() != null) {
      return keys(
          entry.secretbox(),
          Set.of(SecretBox.KEY),
          (name, secret) -> new SecretBoxProvider(name, secret, randomness),
          path + ".secretbox.keys");
    }
    return entry.kms() == null ? List.of() : keyServer(entry.kms(), path + ".kms");
  }

  private List<Provider> keyServer(KeyServerEntry entry, String path) {
    int found = errors.size();
    if (!"v2".equals(entry.apiVersion())) {
      invalid(
          path + ".apiVersion",
          entry.apiVersion() == null ? "v1" : entry.apiVersion(),
          "KMSv1 is deprecated and not served here, use v2");
    }
    String name = entry.name() == null ? "" : entry.name();
    if (name.isEmpty()) {
      errors.add(path + ".name: Required value: name is a mandatory field for a provider");
    } else if (name.indexOf(':') >= 0) {
      invalid(path + ".name", name, "invalid KMS provider name " + name + ", must not contain ':'");
    } else if (!servers.add(name)) {
      invalid(
          path + ".name", name, "duplicate KMS provider name " + name + ", names must be unique");
    }
    String socket = socket(entry.endpoint(), path + ".endpoint");
    Duration timeout = timeout(entry.timeout(), path + ".timeout");
    return errors.size() > found
        ? List.of()
        : List.of(
            new KeyServerProvider(name, new KeyServer(name, socket, timeout), time, randomness));
  }

  private String socket(@Nullable String endpoint, String path) {
    if (endpoint == null || endpoint.isEmpty()) {
      errors.add(path + ": Required value: endpoint is a mandatory field for a provider");
      return "";
    }
    if (!endpoint.startsWith(SOCKETS)) {
      invalid(path, endpoint, "unsupported scheme for KMS provider, only unix is supported");
      return "";
    }
    return endpoint.substring(SOCKETS.length());
  }

  private Duration timeout(@Nullable String text, String path) {
    if (text == null || text.isEmpty()) {
      return KEY_SERVER_TIMEOUT;
    }
    try {
      Duration timeout = Durations.parse(path, text);
      if (timeout.isPositive()) {
        return timeout;
      }
    } catch (IllegalArgumentException malformed) {
      // It is told like one that is not positive.
    }
    invalid(path, text, "timeout should be a positive value");
    return KEY_SERVER_TIMEOUT;
  }

  /** Makes a provider of a key's name and bytes. */
  @FunctionalInterface
  private interface Maker {
    Provider of(String name, byte[] secret);
  }

  private Maker aes(AesProvider.Mode mode) {
    return (name, secret) ->
        new AesProvider(mode, name, new SecretKeySpec(secret, "AES"), randomness);
  }

  private List<Provider> keys(KeysEntry entry, Set<Integer> lengths, Maker maker, String path) {
    List<Provider> providers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int number = 0;
    for (KeyEntry key : all(entry.keys())) {
      String at = path + "[" + number++ + "]";
      String name = key.name() == null ? "" : key.name();
      if (name.isEmpty()) {
        errors.add(at + ".name: Required value: key must have a name");
      } else if (name.indexOf(':') >= 0 || !names.add(name)) {
        invalid(at + ".name", name, "must be unique and without ':'");
      }
      byte[] secret = secret(key.secret(), lengths, at + ".secret");
      if (secret.length > 0) {
        providers.add(maker.of(name, secret));
      }
    }
    if (number == 0) {
      errors.add(path + ": Required value: at least one key is required");
    }
    return providers;
  }

  private byte[] secret(@Nullable String text, Set<Integer> lengths, String path) {
    if (text == null || text.isEmpty()) {
      errors.add(path + ": Required value: key must have a secret");
      return new byte[0];
    }
    try {
      byte[] secret = Base64.getDecoder().decode(text.strip());
      if (lengths.contains(secret.length)) {
        return secret;
      }
      invalid(path, "REDACTED", "secret is not of the expected length, got " + secret.length);
    } catch (IllegalArgumentException e) {
      invalid(path, "REDACTED", "secret must be base64 encoded");
    }
    return new byte[0];
  }

  private void invalid(String path, String value, String problem) {
    errors.add(path + ": Invalid value: \"" + value + "\": " + problem);
  }

  private static <T> List<T> all(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }
}
