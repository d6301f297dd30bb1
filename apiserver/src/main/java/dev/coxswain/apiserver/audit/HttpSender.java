package dev.coxswain.apiserver.audit;

import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.runtime.tls.TlsTrust;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Posts events to the server of a kubeconfig file, as its user. */
final class HttpSender implements AuditWebhook.Sender {
  /** How long the server may take to answer. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final int TOO_MANY = 429;
  private static final int SERVER_ERRORS = 500;

  private final Kubeconfig config;
  private final HttpClient client;

  HttpSender(Kubeconfig config) {
    this.config = config;
    PemSource certificate = config.certificate();
    PemSource key = config.key();
    PemSource authorities = config.authorities();
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(DEADLINE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .sslContext(
                Tls.context(
                    certificate == null || key == null ? null : new TlsIdentity(certificate, key),
                    authorities == null ? null : new TlsTrust(authorities)))
            .build();
  }

  @Override
  public void send(byte[] events)
      throws IOException, InterruptedException, AuditWebhook.RejectedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(config.servers().getFirst())
            .timeout(DEADLINE)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(BodyPublishers.ofByteArray(events));
    String token = config.token();
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<Void> answer;
    try {
      answer = client.send(request.build(), BodyHandlers.discarding());
    } catch (IOException e) {
      throw new IOException(
          config.servers().getFirst() + ": " + (e.getMessage() == null ? e : e.getMessage()), e);
    }
    int status = answer.statusCode();
    if (status / 100 == 2) {
      return;
    }
    String told = config.servers().getFirst() + " answered " + status;
    if (status == TOO_MANY || status >= SERVER_ERRORS) {
      throw new IOException(told);
    }
    throw new AuditWebhook.RejectedException(told);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
