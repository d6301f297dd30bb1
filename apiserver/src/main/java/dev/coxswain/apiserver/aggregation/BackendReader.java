package dev.coxswain.apiserver.aggregation;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.connect.Caller;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks the servers behind this one for documents. */
final class BackendReader {
  /** How long a server may take to answer. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final FrontProxy proxy;
  private final Caller caller;

  BackendReader(FrontProxy proxy, Caller caller) {
    this.proxy = proxy;
    this.caller = caller;
  }

  /**
   * Asks for JSON.
   *
   * @param path path and query
   * @param asker who asks
   * @throws IOException where no answer came
   * @throws dev.coxswain.api.status.ApiException where nobody stands behind the Service
   */
  Caller.Reply get(Aggregated service, String path, UserInfo asker)
      throws IOException, InterruptedException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Accept", "application/json");
    FrontProxy.identity(asker).forEach(entry -> headers.put(entry.getKey(), entry.getValue()));
    return caller.call(
        proxy.target(service, path),
        new Caller.Call("GET", service.host(), headers, new byte[0]),
        TIMEOUT);
  }
}
