package dev.coxswain.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken of a CredentialProviderConfig, and in which words the rest is refused. */
final class CredentialProvidersTest {
  private static final String PROVIDER =
      """
      - name: harbour
        matchImages: ["*.example", "localhost:5001/hold"]
        defaultCacheDuration: 1h0m0s
        apiVersion: credentialprovider.kubelet.k8s.io/v1
        args: [get, --quiet]
        env: [{name: REGION, value: north}]
      """;

  private static final String TOKENS =
      """
        tokenAttributes:
          serviceAccountTokenAudience: registry
          cacheType: ServiceAccount
          requireServiceAccount: true
          requiredServiceAccountAnnotationKeys: [role]
          optionalServiceAccountAnnotationKeys: [team]
      """;

  @TempDir private Path folder = Path.of("");
  private Path programs = Path.of("");

  @BeforeEach
  void programs() throws IOException {
    programs = Files.createDirectory(folder.resolve("bin"));
    program("harbour");
  }

  @ParameterizedTest
  @CsvSource({"v1", "v1beta1", "v1alpha1"})
  void everyVersionIsRead(String version) throws IOException {
    CredentialProvider read = read(version, PROVIDER).getFirst();
    assertThat(read.name()).isEqualTo("harbour");
    assertThat(read.program()).isEqualTo(programs.resolve("harbour"));
    assertThat(read.images()).hasSize(2);
    assertThat(read.defaultCacheDuration()).isEqualTo(Duration.ofHours(1));
    assertThat(read.apiVersion()).isEqualTo("credentialprovider.kubelet.k8s.io/v1");
    assertThat(read.arguments()).containsExactly("get", "--quiet");
    assertThat(read.environment()).isEqualTo(Map.of("REGION", "north"));
    assertThat(read.token()).isNull();
  }

  @Test
  void tokensAreForTheFirstVersionAlone() throws IOException {
    assertThat(read("v1", PROVIDER + TOKENS).getFirst().token())
        .isEqualTo(
            new CredentialProvider.Token(
                "registry", true, false, List.of("role"), List.of("team")));
    assertThatThrownBy(() -> read("v1beta1", PROVIDER + TOKENS))
        .hasMessageContaining("tokenAttributes is only supported for");
  }

  @Test
  void aFolderIsReadInTheOrderOfItsNames() throws IOException {
    program("anchorage");
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(config.resolve("2.yaml"), file("v1", PROVIDER));
    Files.writeString(
        config.resolve("1.yml"), file("v1", PROVIDER.replace("harbour", "anchorage")));
    Files.writeString(config.resolve("0.txt"), "something else");
    assertThat(CredentialProviders.read(config, programs))
        .extracting(CredentialProvider::name)
        .containsExactly("anchorage", "harbour");
    Files.writeString(config.resolve("3.json"), file("v1", PROVIDER));
    assertThatThrownBy(() -> CredentialProviders.read(config, programs))
        .hasMessageContaining("providers.name: Duplicate value: \"harbour\"");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> CredentialProviders.read(empty, programs))
        .hasMessage("no configuration files found in directory \"" + empty + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: harbour|name: a/b|providers.name: Invalid value: \"a/b\": provider name cannot"
            + " contain '/'",
        "name: harbour|name: ..|providers.name: Invalid value: \"..\": provider name cannot be"
            + " '..'",
        "name: harbour|name: a b|cannot contain spaces",
        "matchImages: [|matchImages: [ 'a:b', |providers.matchImages: Invalid value: \"a:b\"",
        "1h0m0s|often|providers.defaultCacheDuration: Invalid value: \"often\"",
        "kubelet.k8s.io/v1|kubelet.k8s.io/v2|providers.apiVersion: Unsupported value:",
        "apiVersion: cred|kind: cred|unknown field \"providers[0].kind\"",
      })
  void whatIsWrongIsSaid(String right, String wrong, String said) {
    assertThatThrownBy(() -> read("v1", PROVIDER.replace(right, wrong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> read("v1", "- {name: harbour, tokenAttributes: {}}"))
        .hasMessageContaining("providers.apiVersion: Required value, ")
        .hasMessageContaining("providers.matchImages: Required value: at least 1 item in")
        .hasMessageContaining("providers.defaultCacheDuration: Required value")
        .hasMessageContaining("serviceAccountTokenAudience: Required value")
        .hasMessageContaining("requireServiceAccount: Required value")
        .hasMessageContaining("cacheType is required to be set when tokenAttributes is specified");
    assertThatThrownBy(() -> read("v1", " []"))
        .hasMessageContaining("providers: Required value: at least 1 item in plugins is required");
    assertThatThrownBy(() -> read("v3", PROVIDER))
        .hasMessageContaining("want kind CredentialProviderConfig of kubelet.config.k8s.io/v1,");
    assertThatThrownBy(() -> read("v1", PROVIDER.replace("harbour", "wharf")))
        .hasMessage("plugin binary executable " + programs.resolve("wharf") + " did not exist");
    assertThatThrownBy(() -> CredentialProviders.read(folder, folder.resolve("nowhere")))
        .hasMessage("plugin binary directory " + folder.resolve("nowhere") + " did not exist");
  }

  private List<CredentialProvider> read(String version, String providers) throws IOException {
    return CredentialProviders.read(
        Files.writeString(folder.resolve("config.yaml"), file(version, providers)), programs);
  }

  private static String file(String version, String providers) {
    return "apiVersion: kubelet.config.k8s.io/"
        + version
        + "\nkind: CredentialProviderConfig\nproviders:\n"
        + providers;
  }

  private void program(String name) throws IOException {
    Files.createFile(
        programs.resolve(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
  }
}
