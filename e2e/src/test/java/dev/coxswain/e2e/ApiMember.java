package dev.coxswain.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One API server of several, asked by plain HTTP without a library's retries. */
final class ApiMember {
  private static final Duration LIMIT = Duration.ofSeconds(4);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient client;
  private final URI address;

  private ApiMember(HttpClient client, URI address) {
    this.client = client;
    this.address = address;
  }

  /** All API servers of a cluster, each by its own address. */
  static List<ApiMember> of(Cluster cluster) {
    String addresses =
        cluster.kubectl(
            "-n",
            "default",
            "get",
            "endpointslices",
            "-l",
            "kubernetes.io/service-name=kubernetes",
            "-o",
            "jsonpath={.items[*].endpoints[*].addresses[0]}");
    HttpClient client = client(cluster);
    return Arrays.stream(addresses.split(" ", -1))
        .sorted()
        .map(address -> new ApiMember(client, URI.create("https://" + address + ":6443")))
        .toList();
  }

  private static HttpClient client(Cluster cluster) {
    try {
      Config config = Config.fromKubeconfig(Files.readString(cluster.home().resolve("kubeconfig")));
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .sslContext(SSLUtils.sslContext(config))
          .build();
    } catch (IOException | GeneralSecurityException failure) {
      throw new AssertionError(failure);
    }
  }

  /** An answer, whatever it is. */
  record Answer(int code, JsonNode body) {}

  /** Asks once; what the answer was to be is unknown where this throws. */
  Answer ask(String method, String path, String contentType, String body)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(address.resolve(path))
                .timeout(LIMIT)
                .header("Content-Type", contentType)
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  /** Opens a stream of watch events; the caller closes it. */
  HttpResponse<InputStream> watch(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(address.resolve(path)).timeout(LIMIT).build(),
        BodyHandlers.ofInputStream());
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
