package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import java.util.List;
import java.util.Map;

/** Hands whole requests on, streams and changes of protocol included, and says who asks. */
public final class Handover {
  private final BackendClient client;

  /** Connects through this client. */
  public Handover(BackendClient client) {
    this.client = client;
  }

  /**
   * Hands a request on, and returns when it is answered.
   *
   * @param host what the other side is called
   * @param identity the headers that say who asks
   * @throws ApiException where the other side cannot be reached
   */
  public void handOver(
      Target target, ApiRequest request, String host, List<Map.Entry<String, String>> identity)
      throws InterruptedException {
    Passing.Identified passing = new Passing.Identified(host, identity);
    try (var _ = RequestTrace.enter(Stage.BACKEND)) {
      if (request.http().wantsUpgrade() && request.exchange().upgradable()) {
        Tunnel.open(client, target, request, passing);
      } else {
        Forward.send(client, target, request, passing);
      }
    } catch (ApiException e) {
      throw new ApiException(
          StatusReason.SERVICE_UNAVAILABLE, "error trying to reach service: " + e.getMessage());
    }
  }
}
