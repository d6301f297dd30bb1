package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coxswain.runtime.tls.PemSource;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigTest {
  @TempDir private Path folder;

  @Test
  void readsTheCurrentContext() throws IOException {
    Kubeconfig config =
        Kubeconfig.read(
            write(
                """
                apiVersion: v1
                kind: Config
                current-context: main
                contexts:
                - name: other
                  context: {cluster: nowhere, user: nobody}
                - name: main
                  context: {cluster: c, user: u}
                clusters:
                - name: c
                  cluster:
                    server: https://10.0.0.1:6443, https://10.0.0.2:6443/
                    certificate-authority: pki/ca.crt
                users:
                - name: u
                  user:
                    client-certificate-data: aGVsbG8=
                    client-key: /abs/client.key
                """));

    assertThat(config.servers())
        .containsExactly(URI.create("https://10.0.0.1:6443"), URI.create("https://10.0.0.2:6443"));
    assertThat(config.authorities()).isEqualTo(new PemSource.File(folder.resolve("pki/ca.crt")));
    assertThat(config.certificate()).isEqualTo(new PemSource.Inline("hello"));
    assertThat(config.key()).isEqualTo(new PemSource.File(Path.of("/abs/client.key")));
    assertThat(config.token()).isNull();
  }

  @Test
  void neverShowsASecret() throws IOException {
    Kubeconfig config =
        Kubeconfig.read(write(minimal("{server: 'https://a:1'}", "{token: s3cret}")));
    assertThat(config.token()).isEqualTo("s3cret");
    assertThat(config.toString()).doesNotContain("s3cret");
  }

  @Test
  void aTokensFileIsRememberedForTheTokenThatComesAfter() throws IOException {
    String user = "{token: old, tokenFile: tokens/one}";
    refused(minimal("{server: 'https://a:1'}", user), "tokens/one cannot be read");
    Path file = Files.createDirectory(folder.resolve("tokens")).resolve("one");
    Files.writeString(file, "\n");
    refused(minimal("{server: 'https://a:1'}", user), "tokens/one is empty");
    Files.writeString(file, "new\n");
    Kubeconfig config = Kubeconfig.read(write(minimal("{server: 'https://a:1'}", user)));
    assertThat(config.token()).isEqualTo("new");
    assertThat(config.tokenFile()).isEqualTo(file);
  }

  @Test
  void namesTheFieldThatIsWrong() throws IOException {
    refused("a: [", "is not valid YAML");
    refused("kind: Config", "current-context is not set");
    refused(
        "current-context: x\ncontexts: []",
        "current-context is \"x\", which contexts does not have");
    refused(
        minimal("{server: 'ftp://a'}", "{}"),
        "clusters[c].server: \"ftp://a\" is not an https URL");
    refused(
        minimal("{server: 'https://a:1', insecure-skip-tls-verify: true}", "{}"),
        "clusters[c].insecure-skip-tls-verify is not supported");
    refused(
        minimal("{server: 'https://a:1'}", "{client-key: k}"),
        "users[u] needs both client-certificate and client-key");
    refused(
        minimal("{server: 'https://a:1'}", "{exec: {command: x}}"),
        "users[u]: exec and auth-provider are not supported");
    Path missing = folder.resolve("none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Kubeconfig.read(missing))
        .withMessage("cannot read kubeconfig " + missing + ": there is no such file");
  }

  private void refused(String text, String message) throws IOException {
    Path file = write(text);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Kubeconfig.read(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(message);
  }

  private static String minimal(String cluster, String user) {
    return """
    current-context: m
    contexts: [{name: m, context: {cluster: c, user: u}}]
    clusters: [{name: c, cluster: %s}]
    users: [{name: u, user: %s}]
    """
        .formatted(cluster, user);
  }

  private Path write(String text) throws IOException {
    return Files.write(folder.resolve("kubeconfig"), text.getBytes(StandardCharsets.UTF_8));
  }
}
