package dev.coxswain.kubelet.image;

import dev.coxswain.runtime.program.ConfigFile;
import dev.coxswain.runtime.program.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads which programs give credentials: a {@code CredentialProviderConfig}, checked as a whole.
 */
public final class CredentialProviders {
  private static final String FILE_GROUP = "kubelet.config.k8s.io/";
  private static final String PROTOCOL_GROUP = "credentialprovider.kubelet.k8s.io/";
  private static final List<String> VERSIONS = List.of("v1", "v1beta1", "v1alpha1");

  private CredentialProviders() {}

  record File(
      @Nullable String apiVersion, @Nullable String kind, @Nullable List<Provider> providers) {}

  record Provider(
      @Nullable String name,
      @Nullable List<String> matchImages,
      @Nullable String defaultCacheDuration,
      @Nullable String apiVersion,
      @Nullable List<String> args,
      @Nullable List<Variable> env,
      @Nullable TokenAttributes tokenAttributes) {}

  record Variable(String name, @Nullable String value) {}

  record TokenAttributes(
      @Nullable String serviceAccountTokenAudience,
      @Nullable String cacheType,
      @Nullable Boolean requireServiceAccount,
      @Nullable List<String> requiredServiceAccountAnnotationKeys,
      @Nullable List<String> optionalServiceAccountAnnotationKeys) {}

  /**
   * Reads the configuration.
   *
   * @param configuration a file, or a folder of such, which count in the order of their names
   * @param programs where the programs lie
   * @throws IllegalArgumentException with all that is wrong
   */
  public static List<CredentialProvider> read(Path configuration, Path programs) {
    if (!Files.isDirectory(programs)) {
      throw new IllegalArgumentException("plugin binary directory " + programs + " did not exist");
    }
    List<CredentialProvider> read = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path path : files(configuration)) {
      File file = ConfigFile.read(path, File.class);
      String version = version(path, file);
      for (Provider provider : orEmpty(file.providers())) {
        problems.addAll(new Check(provider, version, names).problems());
        if (problems.isEmpty()) {
          read.add(provider(provider, programs));
        }
      }
    }
    if (read.isEmpty() && problems.isEmpty()) {
      problems.add("providers: Required value: at least 1 item in plugins is required");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          configuration
              + ": failed to validate credential provider config: "
              + String.join(", ", problems));
    }
    for (CredentialProvider provider : read) {
      if (!Files.isExecutable(provider.program()) || Files.isDirectory(provider.program())) {
        throw new IllegalArgumentException(
            "plugin binary executable " + provider.program() + " did not exist");
      }
    }
    return read;
  }

  private static List<Path> files(Path configuration) {
    if (!Files.isDirectory(configuration)) {
      return List.of(configuration);
    }
    try (Stream<Path> all = Files.list(configuration)) {
      List<Path> files =
          all.filter(file -> file.toString().matches(".*\\.(json|yaml|yml)"))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new IllegalArgumentException(
            "no configuration files found in directory \"" + configuration + "\"");
      }
      return files;
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "unable to read directory \"" + configuration + "\"", unreadable);
    }
  }

  private static String version(Path path, File file) {
    String version = Objects.requireNonNullElse(file.apiVersion(), "");
    if (!"CredentialProviderConfig".equals(file.kind())
        || VERSIONS.stream().noneMatch(known -> version.equals(FILE_GROUP + known))) {
      throw new IllegalArgumentException(
          "config file "
              + path
              + ": want kind CredentialProviderConfig of "
              + FILE_GROUP
              + String.join(", ", VERSIONS)
              + ", found "
              + file.kind()
              + " of "
              + version);
    }
    return version.substring(FILE_GROUP.length());
  }

  private static CredentialProvider provider(Provider provider, Path programs) {
    Map<String, String> environment = new LinkedHashMap<>();
    orEmpty(provider.env())
        .forEach(variable ->
            environment.put(variable.name(), Objects.requireNonNullElse(variable.value(), "")));
    String name = Objects.requireNonNull(provider.name());
    return new CredentialProvider(
        name,
        programs.resolve(name).toAbsolutePath(),
        orEmpty(provider.matchImages()).stream()
            .map(image -> RegistryPattern.parse(image).orElseThrow())
            .toList(),
        duration(Objects.requireNonNull(provider.defaultCacheDuration())),
        Objects.requireNonNull(provider.apiVersion()),
        orEmpty(provider.args()),
        environment,
        token(provider.tokenAttributes()));
  }

  private static CredentialProvider.@Nullable Token token(@Nullable TokenAttributes wanted) {
    return wanted == null
        ? null
        : new CredentialProvider.Token(
            Objects.requireNonNull(wanted.serviceAccountTokenAudience()),
            Boolean.TRUE.equals(wanted.requireServiceAccount()),
            "Token".equals(wanted.cacheType()),
            orEmpty(wanted.requiredServiceAccountAnnotationKeys()),
            orEmpty(wanted.optionalServiceAccountAnnotationKeys()));
  }

  private static Duration duration(String text) {
    return Durations.parse("defaultCacheDuration", text);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /**
   * What is wrong with a provider, in upstream's words.
   *
   * @param version of the file
   * @param names of the providers before it; its own is added
   */
  private record Check(Provider provider, String version, Set<String> names) {
    List<String> problems() {
      List<String> problems = new ArrayList<>();
      name(problems);
      String protocol = Objects.requireNonNullElse(provider.apiVersion(), "");
      if (protocol.isEmpty()) {
        problems.add("providers.apiVersion: Required value");
      } else if (VERSIONS.stream().noneMatch(known -> protocol.equals(PROTOCOL_GROUP + known))) {
        problems.add("providers.apiVersion: Unsupported value: \"" + protocol + "\"");
      }
      if (orEmpty(provider.matchImages()).isEmpty()) {
        problems.add(
            "providers.matchImages: Required value: at least 1 item in matchImages is required");
      }
      for (String image : orEmpty(provider.matchImages())) {
        if (RegistryPattern.parse(image).isEmpty()) {
          problems.add(
              "providers.matchImages: Invalid value: \"" + image + "\": match image is invalid");
        }
      }
      cacheDuration(problems);
      if (provider.tokenAttributes() != null) {
        tokens(provider.tokenAttributes(), protocol, problems);
      }
      return problems;
    }

    private void name(List<String> problems) {
      String name = Objects.requireNonNullElse(provider.name(), "");
      String invalid = "providers.name: Invalid value: \"" + name + "\": provider name ";
      if (name.isEmpty()) {
        problems.add("providers.name: Required value");
      }
      if (name.contains("/")) {
        problems.add(invalid + "cannot contain '/'");
      }
      if (name.contains(" ")) {
        problems.add(invalid + "cannot contain spaces");
      }
      if (name.equals(".") || name.equals("..")) {
        problems.add(invalid + "cannot be '" + name + "'");
      }
      if (!names.add(name)) {
        problems.add("providers.name: Duplicate value: \"" + name + "\"");
      }
    }

    private void cacheDuration(List<String> problems) {
      String text = Objects.requireNonNullElse(provider.defaultCacheDuration(), "");
      if (text.isEmpty()) {
        problems.add("providers.defaultCacheDuration: Required value");
        return;
      }
      try {
        duration(text);
      } catch (IllegalArgumentException malformed) {
        problems.add(
            "providers.defaultCacheDuration: Invalid value: \"" + text + "\": must be a duration");
      }
    }

    private void tokens(TokenAttributes wanted, String protocol, List<String> problems) {
      String field = "providers.tokenAttributes";
      if (!version.equals("v1") || !protocol.equals(PROTOCOL_GROUP + "v1")) {
        problems.add(
            field
                + ": Forbidden: tokenAttributes is only supported for "
                + PROTOCOL_GROUP
                + "v1 API version");
      }
      if (Objects.requireNonNullElse(wanted.serviceAccountTokenAudience(), "").isEmpty()) {
        problems.add(field + ".serviceAccountTokenAudience: Required value");
      }
      List<String> required = orEmpty(wanted.requiredServiceAccountAnnotationKeys());
      if (wanted.requireServiceAccount() == null) {
        problems.add(field + ".requireServiceAccount: Required value");
      } else if (!wanted.requireServiceAccount() && !required.isEmpty()) {
        problems.add(
            field
                + ".requiredServiceAccountAnnotationKeys: Forbidden: requireServiceAccount cannot"
                + " be false when requiredServiceAccountAnnotationKeys is set");
      }
      List<String> both = new ArrayList<>(required);
      both.retainAll(orEmpty(wanted.optionalServiceAccountAnnotationKeys()));
      if (!both.isEmpty()) {
        problems.add(
            field
                + ": Invalid value: "
                + both
                + ": annotation keys cannot be both required and optional");
      }
      String type = Objects.requireNonNullElse(wanted.cacheType(), "");
      if (type.isEmpty()) {
        problems.add(
            field
                + ".cacheType: Required value: cacheType is required to be set when"
                + " tokenAttributes is specified. Supported values are: ServiceAccount, Token");
      } else if (!type.equals("ServiceAccount") && !type.equals("Token")) {
        problems.add(
            field
                + ".cacheType: Unsupported value: \""
                + type
                + "\": supported values: \"ServiceAccount\", \"Token\"");
      }
    }
  }
}
