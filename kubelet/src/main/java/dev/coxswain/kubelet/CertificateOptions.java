package dev.coxswain.kubelet;

import dev.coxswain.kubelet.certificate.ApiIssuer;
import dev.coxswain.kubelet.certificate.CertificateFile;
import dev.coxswain.kubelet.certificate.CertificateRotation;
import dev.coxswain.kubelet.certificate.ClientIdentity;
import dev.coxswain.kubelet.certificate.Serving;
import dev.coxswain.kubelet.node.NodeSettings;
import dev.coxswain.runtime.client.HttpApiClient;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.CertificateRequest;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about who the kubelet is, as a client of the API and as a server of its own. */
final class CertificateOptions {
  private static final String AGENT = "kubelet";

  /** What the flags are about. */
  record Site(NodeSettings node, Path root, Fields file, Time time, Randomness random) {}

  /** The fields of the file. */
  record Fields(@Nullable Boolean rotateCertificates, @Nullable Boolean serverTLSBootstrap) {}

  @Option(names = "--kubeconfig", required = true, description = "How to reach the API server.")
  private Path kubeconfig = Path.of("kubeconfig");

  @Option(
      names = "--bootstrap-kubeconfig",
      description =
          "How to reach the API server, with a token, where --kubeconfig is not there or expired: a"
              + " client certificate is asked for and --kubeconfig written.")
  private @Nullable Path bootstrap;

  @Option(
      names = "--cert-dir",
      description = "Where certificates that are asked for lie. Default: pki in --root-dir.")
  private @Nullable Path folder;

  @Option(
      names = "--rotate-certificates",
      arity = "0..1",
      description = "Has the client certificate renewed before it expires. Default: false.")
  private @Nullable Boolean rotateClient;

  @Option(
      names = "--rotate-server-certificates",
      arity = "0..1",
      description =
          "Asks for the certificate of the kubelet's API, in place of --tls-cert-file; the API is"
              + " served once somebody has approved it. Default: false.")
  private @Nullable Boolean rotateServer;

  @Option(names = "--tls-cert-file", description = "Certificate of the kubelet's API, PEM.")
  private @Nullable Path certificate;

  @Option(names = "--tls-private-key-file", description = "Its key, PEM.")
  private @Nullable Path key;

  /** Connects, as whoever the kubelet is by now. */
  HttpApiClient connect(Program program, Site site) throws IOException, InterruptedException {
    Time time = site.time();
    Randomness random = site.random();
    var identity = new ClientIdentity(file(site, "client"), site.node().name(), kubeconfig);
    if (bootstrap != null && !identity.usable(time)) {
      Kubeconfig stranger = Kubeconfig.read(bootstrap);
      try (var api = new HttpApiClient(stranger, AGENT, time, random)) {
        program.awaiting(() -> {
          identity.bootstrap(stranger, ApiIssuer.client(api, time, random), time, random);
          return identity;
        });
      }
    }
    if (!rotatesClient(site.file())) {
      return program.closing(
          "API client", new HttpApiClient(Kubeconfig.read(kubeconfig), AGENT, time, random));
    }
    HttpApiClient api =
        program.closing(
            "API client", new HttpApiClient(identity.connection(time), AGENT, time, random));
    program
        .closing(
            "client certificate",
            identity.rotation(ApiIssuer.client(api, time, random), api::reconnect, time, random))
        .start();
    return api;
  }

  /** With what the kubelet's own API is served. */
  Serving serving(Program program, Site site, HttpApiClient api) {
    if (rotatesServer(site.file())) {
      return server -> serveRenewed(program, site, api, server);
    }
    if (certificate == null || key == null) {
      throw new IllegalArgumentException(
          "--tls-cert-file and --tls-private-key-file are missing: give both, or"
              + " --rotate-server-certificates to ask for a certificate");
    }
    TlsIdentity given = Tls.identity(certificate, key);
    return server -> server.accept(given);
  }

  private void serveRenewed(
      Program program, Site site, HttpApiClient api, Consumer<TlsIdentity> server) {
    CertificateFile file = file(site, "server");
    var served = new AtomicBoolean();
    Runnable serve =
        () -> {
          // Later ones are read by the identity itself.
          if (served.compareAndSet(false, true)) {
            try {
              server.accept(Tls.identity(file.path(), file.path()));
            } catch (IllegalStateException taken) {
              // As where the certificate is given: without its API a kubelet does not go on.
              program.fail(String.valueOf(taken.getMessage()));
            }
          }
        };
    if (file.certificate().isPresent()) {
      serve.run();
    }
    NodeSettings node = site.node();
    program
        .closing(
            "serving certificate",
            new CertificateRotation(
                file,
                () ->
                    CertificateRequest.of(
                        ClientIdentity.subject(node.name()),
                        List.of(node.name()),
                        List.of(node.address())),
                ApiIssuer.serving(api, site.time(), site.random()),
                serve,
                site.time(),
                site.random()))
        .start();
  }

  private CertificateFile file(Site site, String what) {
    Path all = folder == null ? site.root().resolve("pki") : folder;
    return new CertificateFile(all.toAbsolutePath().resolve("kubelet-" + what + "-current.pem"));
  }

  /** With these flags and the defaults taken in. */
  Fields inForce(Fields file) {
    return new Fields(rotatesClient(file), rotatesServer(file));
  }

  private boolean rotatesClient(Fields file) {
    return KubeletCommand.first(rotateClient, file.rotateCertificates(), false);
  }

  private boolean rotatesServer(Fields file) {
    return KubeletCommand.first(rotateServer, file.serverTLSBootstrap(), false);
  }
}
