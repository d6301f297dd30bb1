package dev.coxswain.controllers.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.runtime.tls.Pem;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CertificatesTest {
  private static final String NODE = "O=system:nodes,CN=system:node:n1";
  private static final List<String> CLIENT = List.of("digital signature", "client auth");
  private static final KeyPair AUTHORITY = pair();

  private final Simulation simulation = simulation();
  private final Story<CertificateSigningRequest> story =
      new Story<>(simulation, CertificateSigningRequest.class);

  private boolean mayJoin;

  private Simulation simulation() {
    return Simulation.of(
        1,
        List.of(
            api ->
                new CertificateApprovingController((request, subresource) ->
                    subresource.equals("selfnodeclient")
                        ? request.getSpec().getUsername().startsWith("system:node:")
                        : mayJoin),
            api -> new CertificateSigningController(authority(Duration.ofDays(365))),
            api -> new CertificateCleaner()));
  }

  @Test
  void aKubeletRenewsItsOwnCertificate() throws Exception {
    ask("kube-apiserver-client-kubelet", NODE, "system:node:n1", CLIENT, "");
    assertThat(condition("Approved")).isEqualTo("AutoApproved");
    X509Certificate issued = issued();
    issued.verify(AUTHORITY.getPublic());
    assertThat(issued.getSubjectX500Principal().getName()).contains("CN=system:node:n1");
    assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(issued.getBasicConstraints()).isEqualTo(-1);
    assertThat(life(issued)).isCloseTo(Duration.ofDays(365), Duration.ofMinutes(10));
  }

  @Test
  void whoMayJoinOnlyLaterJoinsThen() throws Exception {
    ask("kube-apiserver-client-kubelet", NODE, "system:bootstrap:abcdef", CLIENT, "");
    assertThat(story.stored().getStatus()).isNull();
    mayJoin = true;
    simulation.pass(Duration.ofMinutes(1));
    assertThat(condition("Approved")).isEqualTo("AutoApproved");
  }

  @ParameterizedTest
  @CsvSource({
    "kube-apiserver-client-kubelet, 'O=system:nodes,CN=system:node:n2', system:node:n1",
    "kube-apiserver-client-kubelet, 'O=system:masters,CN=system:node:n1', system:node:n1",
    "kube-apiserver-client, 'O=system:nodes,CN=system:node:n1', system:node:n1",
    "kubelet-serving, 'O=system:nodes,CN=system:node:n1', system:node:n1",
    "legacy-unknown, 'CN=x', jane",
  })
  void allElseWaitsForAPerson(String signer, String subject, String user) throws Exception {
    ask(signer, subject, user, CLIENT, "");
    assertThat(story.stored().getStatus()).isNull();
  }

  @Test
  void whatWasApprovedIsSignedForAsLongAsItAsked() throws Exception {
    ask("kube-apiserver-client", "CN=jane", "jane", CLIENT, "");
    approve(3600);
    assertThat(life(issued())).isCloseTo(Duration.ofHours(1), Duration.ofMinutes(10));
  }

  @Test
  void aServersNamesAreKept() throws Exception {
    ask(
        "kubelet-serving",
        NODE,
        "system:node:n1",
        List.of("digital signature", "server auth"),
        "10.0.0.1");
    approve(null);
    assertThat(issued().getSubjectAlternativeNames().toString()).contains("10.0.0.1");
  }

  @ParameterizedTest
  @CsvSource({
    "kube-apiserver-client, 'CN=jane', server auth, usages did not contain client auth",
    "kubelet-serving, 'O=system:nodes,CN=system:node:n1', server auth, at least one DNS or IP"
        + " subjectAltName is required",
    "kubelet-serving, 'CN=jane', server auth, 'subject must be organization \"system:nodes\" and a"
        + " common name that begins with \"system:node:\"'",
  })
  void whatNoSignerSignsFails(String signer, String subject, String usage, String why)
      throws Exception {
    ask(signer, subject, "jane", List.of("digital signature", usage), "");
    approve(null);
    assertThat(condition("Failed")).isEqualTo("SignerValidationFailure");
    assertThat(Requests.condition(story.stored(), "Failed").orElseThrow().getMessage())
        .isEqualTo(why);
    assertThat(Requests.issued(story.stored())).isEmpty();
  }

  @Test
  void isForgottenAnHourAfterItEndedAndADayWithoutAnswer() throws Exception {
    ask("kube-apiserver-client", "CN=jane", "jane", CLIENT, "");
    simulation.pass(Duration.ofHours(23));
    assertThat(story.find()).isPresent();
    approve(null);
    simulation.pass(Duration.ofMinutes(50));
    assertThat(story.find()).isPresent();
    simulation.pass(Duration.ofMinutes(20));
    assertThat(story.find()).isEmpty();
    ask("legacy-unknown", "CN=x", "jane", CLIENT, "");
    simulation.pass(Duration.ofHours(25));
    assertThat(story.find()).isEmpty();
  }

  private void ask(String signer, String subject, String user, List<String> usages, String address)
      throws Exception {
    simulation.restart();
    story.create(
        new CertificateSigningRequestBuilder()
            .withNewMetadata()
            .withName("wish")
            .endMetadata()
            .withNewSpec()
            .withSignerName("kubernetes.io/" + signer)
            .withRequest(request(subject, address))
            .withUsername(user)
            .withUsages(usages)
            .endSpec()
            .build());
    simulation.settle();
  }

  private void approve(@org.jspecify.annotations.Nullable Integer seconds) {
    if (seconds != null) {
      story.change(request ->
          new CertificateSigningRequestBuilder(request)
              .editSpec()
              .withExpirationSeconds(seconds)
              .endSpec()
              .build());
    }
    story.changeStatus(request ->
        new CertificateSigningRequestBuilder(request)
            .withNewStatus()
            .withConditions(
                Requests.with(request, "Approved", "Person", "", simulation.time().now()))
            .endStatus()
            .build());
    simulation.settle();
  }

  private String condition(String type) {
    return Requests.condition(story.stored(), type).orElseThrow().getReason();
  }

  private X509Certificate issued() {
    return Pem.certificates(Base64.getDecoder().decode(Requests.issued(story.stored()))).getFirst();
  }

  private static Duration life(X509Certificate certificate) {
    return Duration.between(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  private static KeyPair pair() {
    try {
      return KeyPairGenerator.getInstance("EC").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static ClusterAuthority authority(Duration longest) {
    try {
      X500Name name = new X500Name("CN=authority");
      byte[] certificate =
          new JcaX509v3CertificateBuilder(
                  name,
                  BigInteger.ONE,
                  Date.from(Instant.EPOCH),
                  Date.from(Instant.parse("2100-01-01T00:00:00Z")),
                  name,
                  AUTHORITY.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(AUTHORITY.getPrivate()))
              .getEncoded();
      return ClusterAuthority.of(
          pem("CERTIFICATE", certificate),
          pem("PRIVATE KEY", AUTHORITY.getPrivate().getEncoded()),
          longest);
    } catch (java.io.IOException | org.bouncycastle.operator.OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }

  private static String request(String subject, String address) throws Exception {
    KeyPair pair = pair();
    var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), pair.getPublic());
    if (!address.isEmpty()) {
      var extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.iPAddress, address)));
      builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
    }
    byte[] der =
        builder
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
            .getEncoded();
    return Base64.getEncoder().encodeToString(pem("CERTIFICATE REQUEST", der));
  }

  private static byte[] pem(String type, byte[] der) {
    return ("-----BEGIN "
            + type
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END "
            + type
            + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
