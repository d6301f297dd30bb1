package dev.coxswain.deploy.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PkiTest {
  private static final Identity ADMIN =
      Identity.client("admin", Authority.Name.CLUSTER, "kubernetes-admin", "system:masters");
  private static final Identity SERVER =
      Identity.client("apiserver", Authority.Name.CLUSTER, "kube-apiserver")
          .serving(List.of("kubernetes", "localhost"), List.of("10.96.0.1", "127.0.0.1"))
          .serverOnly();

  @TempDir private Path directory;
  private final ManualTime time = new ManualTime();
  private Pki pki;

  @BeforeEach
  void makeAuthorities() {
    pki = new Pki(directory, time);
    pki.ensureAuthorities();
  }

  @Test
  void anIdentityIsWhoItSaysAndSignedByItsAuthority() throws Exception {
    assertThat(pki.ensure(List.of(ADMIN, SERVER))).isEqualTo(2);

    X509Certificate admin = read("admin");
    admin.verify(read("ca").getPublicKey());
    assertThat(admin.getSubjectX500Principal().getName())
        .isEqualTo("CN=kubernetes-admin,O=system:masters");
    assertThat(admin.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(admin.getBasicConstraints()).as("is no authority").isEqualTo(-1);
    X509Certificate server = read("apiserver");
    assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(server.getSubjectAlternativeNames().stream().map(name -> name.get(1).toString()))
        .containsExactlyInAnyOrder("kubernetes", "localhost", "10.96.0.1", "127.0.0.1");
  }

  @Test
  void whatPeopleGiveToTheirClientsHasAnRsaKeyThatCoxReadsToo() throws Exception {
    pki.ensure(List.of(ADMIN.withRsaKey()));
    assertThat(read("admin").getPublicKey().getAlgorithm()).isEqualTo("RSA");
    ClientTls.of(
        pki.certificate(Authority.Name.CLUSTER), pki.certificate("admin"), pki.key("admin"));
  }

  @Test
  void keysAreReadableByTheirOwnerAlone() throws IOException {
    pki.ensure(List.of(ADMIN));
    try (var files = Files.walk(directory)) {
      List<Path> keys = files.filter(file -> file.toString().endsWith(".key")).toList();
      assertThat(keys).hasSize(5);
      for (Path key : keys) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
            .as(key.toString())
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void whatIsGoodIsKept() throws IOException {
    pki.ensure(List.of(ADMIN, SERVER));
    String authority = Files.readString(pki.certificate(Authority.Name.CLUSTER));
    String admin = Files.readString(pki.certificate("admin"));

    var again = new Pki(directory, time);
    again.ensureAuthorities();
    assertThat(again.ensure(List.of(ADMIN, SERVER))).isZero();
    assertThat(Files.readString(pki.certificate(Authority.Name.CLUSTER))).isEqualTo(authority);
    assertThat(Files.readString(pki.certificate("admin"))).isEqualTo(admin);
  }

  @Test
  void aCertificateIsRenewedBeforeItExpires() {
    pki.ensure(List.of(ADMIN));
    time.advance(Duration.ofDays(300));
    assertThat(pki.ensure(List.of(ADMIN))).isZero();
    time.advance(Duration.ofDays(40));
    assertThat(pki.ensure(List.of(ADMIN))).isEqualTo(1);
  }

  @Test
  void aServerThatGetsAnotherAddressGetsAnotherCertificate() {
    pki.ensure(List.of(SERVER));
    Identity moved =
        SERVER.serving(List.of("kubernetes", "localhost"), List.of("10.96.0.1", "10.89.1.11"));
    assertThat(pki.ensure(List.of(moved))).isEqualTo(1);
    assertThat(pki.ensure(List.of(moved))).isZero();
  }

  @Test
  void aDamagedCertificateIsMadeAnew() throws IOException {
    pki.ensure(List.of(ADMIN));
    Files.writeString(pki.certificate("admin"), "not a certificate");
    assertThat(pki.ensure(List.of(ADMIN))).isEqualTo(1);
  }

  @Test
  void aCertificateOfALostAuthorityIsMadeAnew() throws IOException {
    pki.ensure(List.of(ADMIN));
    Files.delete(pki.key("ca"));
    var after = new Pki(directory, time);
    after.ensureAuthorities();
    assertThat(after.ensure(List.of(ADMIN))).isEqualTo(1);
  }

  @Test
  void aKubeconfigCarriesItsCertificatesAndIsPrivate() throws IOException {
    pki.ensure(List.of(ADMIN));
    Path file = directory.resolve("kubeconfig");
    Kubeconfig.write(
        file,
        "coxswain",
        "admin",
        List.of("https://10.89.1.11:6443"),
        pki.certificate(Authority.Name.CLUSTER),
        pki.certificate("admin"),
        pki.key("admin"));
    assertThat(Files.readString(file))
        .contains(
            "server: https://10.89.1.11:6443", "client-key-data: ", "current-context: coxswain")
        .doesNotContain(directory.toString());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aProcessReadsEveryApiServerThatItsKubeconfigWasGiven() {
    pki.ensure(List.of(ADMIN));
    Path file = directory.resolve("kubeconfig");
    List<String> servers = List.of("https://10.89.1.11:6443", "https://10.89.1.12:6443");
    Kubeconfig.write(
        file,
        "coxswain",
        "system:node:node-1",
        servers,
        pki.certificate(Authority.Name.CLUSTER),
        pki.certificate("admin"),
        pki.key("admin"));
    assertThat(dev.coxswain.runtime.client.Kubeconfig.read(file).servers())
        .map(URI::toString)
        .isEqualTo(servers);
  }

  private X509Certificate read(String name) throws Exception {
    return Authority.parse(PemFiles.decode(pki.certificate(name)));
  }
}
