package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The API client over HTTP/2 (or 1.1, as the server likes) with client certificates or a token. All
 * of a process shares one: its calls and watches are streams of one connection.
 */
public final class HttpApiClient implements ApiClient {
  /** How long a call may take, all attempts together, unless {@link #withDeadline} says else. */
  public static final Duration CALL_DEADLINE = Duration.ofSeconds(15);

  private final Transport transport;
  private final Time time;
  private final Randomness random;
  private final Duration deadline;

  /**
   * Connects lazily.
   *
   * @param userAgent the process' name, as the server's logs and field managers show it
   * @throws RuntimeException naming the certificate or key file that cannot be used
   */
  public HttpApiClient(Kubeconfig config, String userAgent, Time time, Randomness random) {
    this(new Transport(config, userAgent, time), time, random, CALL_DEADLINE);
  }

  private HttpApiClient(Transport transport, Time time, Randomness random, Duration deadline) {
    this.transport = transport;
    this.time = time;
    this.random = random;
    this.deadline = deadline;
  }

  /** The same connection with another deadline for each call; closing either closes both. */
  public HttpApiClient withDeadline(Duration newDeadline) {
    return new HttpApiClient(transport, time, random, newDeadline);
  }

  @Override
  public <T extends HasMetadata> ResourceClient<T> resource(Class<T> type) {
    return new HttpResourceClient<>(ResourceModel.of(type), transport, time, random, deadline);
  }

  @Override
  public ResourceClient<PartialObjectMetadata> metadata(ServedResource resource) {
    return new HttpResourceClient<>(
        ResourceModel.metadata(resource), transport, time, random, deadline);
  }

  @Override
  public Discovered discover() {
    return Discovery.read(path -> ModelJson.MAPPER.readTree(get(path)));
  }

  @Override
  public JsonNode read(List<String> path, Map<String, String> query) {
    String parameters =
        query.entrySet().stream()
            .filter(parameter -> !parameter.getValue().isEmpty())
            .sorted(Map.Entry.comparingByKey())
            .map(parameter -> parameter.getKey() + "=" + Uris.query(parameter.getValue()))
            .collect(Collectors.joining("&"));
    String where = path.stream().map(Uris::segment).collect(Collectors.joining("/", "/", ""));
    try {
      return ModelJson.MAPPER.readTree(
          get(parameters.isEmpty() ? where : where + "?" + parameters));
    } catch (JacksonException e) {
      throw new ApiException(
          StatusReason.INTERNAL_ERROR,
          where + " did not answer with JSON: " + e.getOriginalMessage());
    }
  }

  /**
   * The body of any path, such as {@code /readyz}.
   *
   * @throws dev.coxswain.api.status.ApiException for any status but 2xx
   */
  public byte[] get(String path) {
    return transport.call(Transport.Request.get(path), deadline);
  }

  /**
   * Leaves all connections, so that the next ones show the client certificate as it is now. Watches
   * break and are opened anew, calls under way may fail.
   */
  public void reconnect() {
    transport.reconnect();
  }

  @Override
  public void close() {
    transport.close();
  }
}
