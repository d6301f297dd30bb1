package dev.coxswain.kubelet.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.CertificateRequest;
import dev.coxswain.runtime.tls.Pem;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks by a CertificateSigningRequest.
 *
 * @param signer such as {@code kubernetes.io/kubelet-serving}
 * @param usage what the certificate is for beside signing: {@code client auth}, {@code server auth}
 */
public record ApiIssuer(ApiClient api, String signer, String usage, Time time, Randomness random)
    implements Issuer {
  private static final Logger LOG = LoggerFactory.getLogger(ApiIssuer.class);

  /** Who approves may be a person. Upstream waits as long for one request, then makes another. */
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  /** For the certificate with which a kubelet is a client of the API. */
  public static Issuer client(ApiClient api, Time time, Randomness random) {
    return new ApiIssuer(
        api, "kubernetes.io/kube-apiserver-client-kubelet", "client auth", time, random);
  }

  /** For the certificate with which a kubelet serves its own API. */
  public static Issuer serving(ApiClient api, Time time, Randomness random) {
    return new ApiIssuer(api, "kubernetes.io/kubelet-serving", "server auth", time, random);
  }

  @Override
  public String issue(CertificateRequest request) throws NotIssuedException, InterruptedException {
    ResourceClient<CertificateSigningRequest> requests =
        api.resource(CertificateSigningRequest.class);
    String name;
    try {
      name =
          requests
              .create(
                  new CertificateSigningRequestBuilder()
                      .withNewMetadata()
                      .withGenerateName("csr-")
                      .endMetadata()
                      .withNewSpec()
                      .withSignerName(signer)
                      .withUsages("digital signature", usage)
                      .withRequest(
                          Base64.getEncoder().encodeToString(request.pem().getBytes(US_ASCII)))
                      .endSpec()
                      .build())
              .getMetadata()
              .getName();
    } catch (ApiException failure) {
      throw new NotIssuedException(String.valueOf(failure.getMessage()));
    }
    LOG.info("A certificate is asked of {} by the request {}", signer, name);
    var answer = new CompletableFuture<CertificateSigningRequest>();
    try (Informer<CertificateSigningRequest> informer =
        ListWatchInformer.of(
            api,
            CertificateSigningRequest.class,
            "",
            ListOptions.fields("metadata.name=" + name),
            time,
            random)) {
      informer.handle(new Answer(answer));
      informer.start();
      return chain(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), request);
    } catch (TimeoutException late) {
      throw new NotIssuedException(
          "request " + name + " was not approved within " + PATIENCE.toMinutes() + " minutes");
    } catch (ExecutionException | CancellationException deleted) {
      throw new NotIssuedException("request " + name + " was deleted before it was answered");
    }
  }

  private static String chain(CertificateSigningRequest answered, CertificateRequest request)
      throws NotIssuedException {
    String name = answered.getMetadata().getName();
    for (CertificateSigningRequestCondition condition : answered.getStatus().getConditions()) {
      if (condition.getType().equals("Denied") || condition.getType().equals("Failed")) {
        throw new NotIssuedException(
            "request %s is %s: %s %s"
                .formatted(
                    name, condition.getType(), condition.getReason(), condition.getMessage()));
      }
    }
    try {
      String pem =
          new String(Base64.getDecoder().decode(answered.getStatus().getCertificate()), US_ASCII);
      boolean own =
          Pem.certificates(pem.getBytes(US_ASCII)).getFirst().getPublicKey().equals(request.key());
      if (own) {
        return pem;
      }
    } catch (IllegalArgumentException malformed) {
      throw new NotIssuedException("request " + name + ": " + malformed.getMessage());
    }
    throw new NotIssuedException("request " + name + " was answered for another key");
  }

  /** Waits for the request to be answered, or taken away. */
  private record Answer(CompletableFuture<CertificateSigningRequest> answer)
      implements Informer.Handler<CertificateSigningRequest> {
    @Override
    public void added(CertificateSigningRequest request) {
      if (request.getStatus() == null) {
        return;
      }
      List<CertificateSigningRequestCondition> conditions = request.getStatus().getConditions();
      boolean refused =
          conditions.stream().anyMatch(one -> List.of("Denied", "Failed").contains(one.getType()));
      String issued = request.getStatus().getCertificate();
      if (refused || (issued != null && !issued.isEmpty())) {
        answer.complete(request);
      }
    }

    @Override
    public void updated(CertificateSigningRequest before, CertificateSigningRequest after) {
      added(after);
    }

    @Override
    public void deleted(CertificateSigningRequest last) {
      answer.completeExceptionally(new CancellationException());
    }
  }
}
