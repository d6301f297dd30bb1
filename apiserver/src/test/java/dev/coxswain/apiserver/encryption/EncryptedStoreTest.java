package dev.coxswain.apiserver.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coxswain.apiserver.health.Health;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreChange;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.storage.StoreWatch;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.storage.WriteOutcome;
import dev.coxswain.runtime.program.Reloading;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncryptedStoreTest {
  private static final String SECRET = "/registry/core/secrets/default/a";
  private static final String OTHER = "/registry/core/secrets/default/b";
  private static final String MAP = "/registry/core/configmaps/default/a";
  private static final String TEXT = "{\"data\":\"hush\"}";
  private static final String ONE = key("one", '1');
  private static final String TWO = key("two", '2');

  @TempDir private Path folder;
  private final MemoryStore store = new MemoryStore();
  private final ManualTime time = new ManualTime();
  private int files;

  private static String key(String name, char fill) {
    byte[] secret = String.valueOf(fill).repeat(32).getBytes(StandardCharsets.UTF_8);
    return "{name: " + name + ", secret: \"" + Base64.getEncoder().encodeToString(secret) + "\"}";
  }

  private static String gcm(String... keys) {
    return "{aesgcm: {keys: [" + String.join(", ", keys) + "]}}";
  }

  private Path file(String resources, String... providers) throws IOException {
    Path file = folder.resolve("encryption-" + files++ + ".yaml");
    Files.writeString(
        file,
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
            + "- {resources: ["
            + resources
            + "], providers: ["
            + String.join(", ", providers)
            + "]}\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private EncryptedStore open(String resources, String... providers) throws IOException {
    Encryption encryption =
        EncryptionFile.read(file(resources, providers), time, Randomness.seeded(files));
    return new EncryptedStore(store, new CurrentEncryption(() -> encryption));
  }

  private static long put(EncryptedStore store, String key, String text) {
    WriteOutcome outcome =
        store.commit(
            List.of(
                new StoreWrite.Put(key, StoreWrite.ANY, text.getBytes(StandardCharsets.UTF_8), 0)));
    return ((WriteOutcome.Done) outcome).revision();
  }

  private static String text(StoredValue value) {
    return new String(value.bytes(), StandardCharsets.UTF_8);
  }

  private String raw(String key) {
    return new String(store.get(key).orElseThrow().bytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void theStoreHoldsNoPlainTextAndEveryWayOfReadingShowsIt() throws Exception {
    EncryptedStore open = open("secrets", gcm(ONE));
    long revision = put(open, SECRET, TEXT);
    put(open, MAP, TEXT);
    assertThat(raw(SECRET)).startsWith("k8s:enc:aesgcm:v1:one:").doesNotContain("hush");
    assertThat(raw(MAP)).isEqualTo(TEXT);
    assertThat(open.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    assertThat(open.range("/registry/", "/registry0", 0, 10).values())
        .extracting(EncryptedStoreTest::text)
        .containsExactly(TEXT, TEXT);
    try (StoreWatch watch = open.watch(revision)) {
      StoreChange change = watch.next(Duration.ZERO).getFirst();
      assertThat(text(((StoreChange.Put) change).value())).isEqualTo(TEXT);
    }
    WriteOutcome conflict =
        open.commit(List.of(new StoreWrite.Put(SECRET, StoreWrite.ABSENT, new byte[] {1}, 0)));
    assertThat(text(Objects.requireNonNull(((WriteOutcome.Conflict) conflict).current())))
        .isEqualTo(TEXT);
  }

  @Test
  void theSameValueNeverLooksTheSame() throws IOException {
    EncryptedStore open = open("secrets", gcm(ONE));
    put(open, SECRET, TEXT);
    String first = raw(SECRET);
    put(open, SECRET, TEXT);
    assertThat(raw(SECRET)).isNotEqualTo(first);
  }

  @Test
  void aValueIsBoundToItsKeyInTheStore() throws IOException {
    EncryptedStore open = open("secrets", gcm(ONE));
    put(open, SECRET, TEXT);
    store.commit(
        List.of(
            new StoreWrite.Put(OTHER, StoreWrite.ANY, store.get(SECRET).orElseThrow().bytes(), 0)));
    assertThatThrownBy(() -> open.get(OTHER))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining(OTHER + " cannot be decrypted");
  }

  @Test
  void keysAreRotated() throws IOException {
    EncryptedStore before = open("secrets", gcm(ONE), "{identity: {}}");
    put(before, SECRET, TEXT);
    EncryptedStore both = open("secrets", gcm(TWO, ONE), "{identity: {}}");
    assertThat(both.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    assertThat(before.stale(SECRET)).isFalse();
    assertThat(both.stale(SECRET)).isTrue();
    put(both, SECRET, TEXT);
    assertThat(both.stale(SECRET)).isFalse();
    assertThat(raw(SECRET)).startsWith("k8s:enc:aesgcm:v1:two:");
    assertThat(open("secrets", gcm(TWO)).get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    EncryptedStore old = open("secrets", gcm(ONE));
    assertThatThrownBy(() -> old.get(SECRET))
        .hasMessageContaining("k8s:enc:aesgcm:v1:two:")
        .hasMessageNotContaining("hush");
  }

  @Test
  void encryptionBeginsAndEndsByTheOrderOfProviders() throws IOException {
    EncryptedStore plain = open("secrets", "{identity: {}}", gcm(ONE));
    put(plain, SECRET, TEXT);
    assertThat(raw(SECRET)).isEqualTo(TEXT);
    EncryptedStore secure = open("secrets", gcm(ONE), "{identity: {}}");
    assertThat(secure.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    put(secure, SECRET, TEXT);
    assertThat(plain.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    EncryptedStore strict = open("secrets", gcm(ONE));
    put(plain, SECRET, TEXT);
    assertThatThrownBy(() -> strict.get(SECRET)).hasMessageContaining("(unencrypted)");
  }

  @Test
  void blocksThatAreChainedAreReadToo() throws IOException {
    EncryptedStore open = open("secrets", "{aescbc: {keys: [" + ONE + "]}}");
    put(open, SECRET, TEXT);
    assertThat(raw(SECRET)).startsWith("k8s:enc:aescbc:v1:one:").doesNotContain("hush");
    assertThat(open.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
  }

  @Test
  void boxesAreOpenedByTheirKeyAndOnlyWhole() throws IOException {
    EncryptedStore open = open("secrets", "{secretbox: {keys: [" + ONE + "]}}");
    put(open, SECRET, TEXT);
    assertThat(raw(SECRET)).startsWith("k8s:enc:secretbox:v1:one:").doesNotContain("hush");
    assertThat(open.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    byte[] spoilt = store.get(SECRET).orElseThrow().bytes().clone();
    spoilt[spoilt.length - 1] ^= 1;
    store.commit(List.of(new StoreWrite.Put(SECRET, StoreWrite.ANY, spoilt, 0)));
    assertThatThrownBy(() -> open.get(SECRET)).hasMessageContaining("the tag does not match");
    assertThatThrownBy(() ->
            open("secrets", "{secretbox: {keys: [{name: a, secret: aHVzaGh1c2hodXNoaHVzaA==}]}}"))
        .hasMessageContaining("secretbox.keys[0].secret: Invalid value: \"REDACTED\"");
  }

  @Test
  void keysAreRotatedWithoutARestart() throws IOException {
    Path file = file("secrets", gcm(ONE));
    Randomness randomness = Randomness.seeded(3);
    Reloading<Encryption> reloading =
        Reloading.file(file, () -> EncryptionFile.read(file, time, randomness));
    EncryptedStore open = new EncryptedStore(store, new CurrentEncryption(reloading::current));
    put(open, SECRET, TEXT);
    Path both = file("secrets", gcm(TWO, ONE));
    Files.move(both, file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(open.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    assertThat(open.stale(SECRET)).isTrue();
    put(open, SECRET, TEXT);
    assertThat(raw(SECRET)).startsWith("k8s:enc:aesgcm:v1:two:");
    Files.writeString(file, "apiVersion: broken");
    put(open, SECRET, TEXT);
    assertThat(raw(SECRET)).startsWith("k8s:enc:aesgcm:v1:two:");
  }

  @Test
  void resourcesAreNamedAloneByGroupOrAll() throws IOException {
    String deployment = "/registry/apps/deployments/default/a";
    put(open("'*.'", gcm(ONE)), deployment, TEXT);
    assertThat(raw(deployment)).isEqualTo(TEXT);
    put(open("'*.apps'", gcm(ONE)), deployment, TEXT);
    assertThat(raw(deployment)).doesNotContain("hush");
    put(open("'*.'", gcm(ONE)), MAP, TEXT);
    assertThat(raw(MAP)).doesNotContain("hush");
    put(open("deployments.apps, '*.*'", gcm(TWO)), deployment, TEXT);
    assertThat(raw(deployment)).startsWith("k8s:enc:aesgcm:v1:two:");
    // What is no object stays as it is.
    put(open("'*.*'", gcm(ONE)), "/coxswain/apiservers/a", TEXT);
    assertThat(raw("/coxswain/apiservers/a")).isEqualTo(TEXT);
  }

  @Test
  void whatIsWrongIsNamedByItsFieldAndKeysAreNot() {
    assertThatThrownBy(() -> open("secrets", "{kms: {name: 'a:b', endpoint: 'tcp://x'}}"))
        .hasMessageContaining("providers[0].kms.apiVersion: Invalid value: \"v1\"")
        .hasMessageContaining("kms.name: Invalid value: \"a:b\"")
        .hasMessageContaining("only unix is supported");
    assertThatThrownBy(() -> open("secrets", "{kms: {apiVersion: v2, timeout: 0s}}"))
        .hasMessageContaining("kms.name: Required value")
        .hasMessageContaining("kms.endpoint: Required value")
        .hasMessageContaining("kms.timeout: Invalid value: \"0s\"");
    assertThatThrownBy(() -> open("secrets", gcm("{name: a, secret: aHVzaA==}")))
        .hasMessageContaining("aesgcm.keys[0].secret: Invalid value: \"REDACTED\"")
        .hasMessageNotContaining("aHVzaA==");
    assertThatThrownBy(() -> open("'*'", gcm(ONE))).hasMessageContaining("use '*.' to encrypt");
    assertThatThrownBy(() -> open("Secrets", "{}"))
        .hasMessageContaining("must be lower case")
        .hasMessageContaining("does not contain any of the expected providers");
  }

  private static String kms(LoopbackKeyServer plugin) {
    return "{kms: {apiVersion: v2, name: vault, timeout: 1m, endpoint: \""
        + plugin.endpoint()
        + "\"}}";
  }

  @Test
  void aKeyServerIsAskedForSeedsAlone() throws Exception {
    try (LoopbackKeyServer plugin = new LoopbackKeyServer(folder.resolve("kms.sock"))) {
      EncryptedStore open = open("secrets", kms(plugin));
      put(open, SECRET, TEXT);
      put(open, OTHER, TEXT);
      assertThat(raw(SECRET)).startsWith("k8s:enc:kms:v2:vault:").doesNotContain("hush");
      assertThat(raw(SECRET)).isNotEqualTo(raw(OTHER));
      assertThat(open.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
      assertThat(plugin.asked()).containsExactly("status", "encrypt");
      EncryptedStore again = open("secrets", kms(plugin));
      assertThat(again.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
      assertThat(again.get(OTHER).map(EncryptedStoreTest::text)).contains(TEXT);
      assertThat(plugin.asked()).containsExactly("status", "encrypt", "decrypt");
      store.commit(
          List.of(
              new StoreWrite.Put(
                  OTHER, StoreWrite.ANY, store.get(SECRET).orElseThrow().bytes(), 0)));
      assertThatThrownBy(() -> open.get(OTHER))
          .as("a value belongs to its path")
          .isInstanceOf(StoreUnavailableException.class);
    }
  }

  @Test
  void aNewKeyOfTheKeyServerIsUsedSoonAndTheOldIsRead() throws Exception {
    try (LoopbackKeyServer plugin = new LoopbackKeyServer(folder.resolve("kms.sock"))) {
      EncryptedStore open = open("secrets", kms(plugin));
      put(open, SECRET, TEXT);
      plugin.rotate("second");
      put(open, OTHER, TEXT);
      assertThat(raw(OTHER)).contains("first");
      time.advance(Duration.ofSeconds(11));
      put(open, OTHER, TEXT);
      assertThat(raw(OTHER)).contains("second");
      EncryptedStore again = open("secrets", kms(plugin));
      assertThat(again.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
      assertThat(again.get(OTHER).map(EncryptedStoreTest::text)).contains(TEXT);
    }
  }

  @Test
  void aKeyServerThatIsGoneIsMissedAfterAWhile() throws Exception {
    LoopbackKeyServer plugin = new LoopbackKeyServer(folder.resolve("kms.sock"));
    EncryptedStore open = open("secrets", kms(plugin));
    put(open, SECRET, TEXT);
    plugin.close();
    time.advance(Duration.ofMinutes(1));
    put(open, OTHER, TEXT);
    assertThat(open.get(OTHER).map(EncryptedStoreTest::text)).contains(TEXT);
    time.advance(Duration.ofMinutes(3));
    assertThatThrownBy(() -> put(open, OTHER, TEXT))
        .hasMessageContaining("the key server has not answered for longer than 3 minutes");
    assertThat(open.get(SECRET).map(EncryptedStoreTest::text)).contains(TEXT);
    assertThatThrownBy(() -> open("secrets", kms(plugin)).get(SECRET))
        .hasMessageContaining("the key server vault does not answer");
  }

  @Test
  void theHealthOfKeyServersIsTold() throws Exception {
    LoopbackKeyServer plugin = new LoopbackKeyServer(folder.resolve("kms.sock"));
    Path file = file("secrets", kms(plugin));
    AtRest fixed = AtRest.of(file, false, time, Randomness.seeded(1));
    assertThat(fixed.checks()).extracting(Health.Check::name).containsExactly("kms-provider-0");
    Health.Check all = AtRest.of(file, true, time, Randomness.seeded(1)).checks().getFirst();
    assertThat(all.name()).isEqualTo("kms-providers");
    assertThat(all.problem().find()).isEmpty();
    plugin.close();
    assertThat(all.problem().find()).as("it is not asked at once again").isEmpty();
    time.advance(Duration.ofSeconds(61));
    assertThat(all.problem().find().orElseThrow())
        .startsWith("kms-provider-0: the key server vault does not answer");
    assertThat(AtRest.of(null, true, time, Randomness.seeded(1)).checks()).isEmpty();
  }

  @Test
  void theServerOfAnEarlierConfigurationIsLeftOnceNobodyUsesThat() throws Exception {
    try (LoopbackKeyServer one = new LoopbackKeyServer(folder.resolve("one.sock"));
        LoopbackKeyServer two = new LoopbackKeyServer(folder.resolve("two.sock"))) {
      Encryption first = EncryptionFile.read(file("secrets", kms(one)), time, Randomness.seeded(1));
      Encryption second =
          EncryptionFile.read(file("secrets", kms(two)), time, Randomness.seeded(2));
      AtomicReference<Encryption> counts = new AtomicReference<>(first);
      CurrentEncryption current = new CurrentEncryption(counts::get);
      String problems =
          current.use(used -> {
            counts.set(second);
            EncryptedStore after = new EncryptedStore(store, current);
            put(after, SECRET, TEXT);
            return String.valueOf(used.keyServers().getFirst().problem());
          });
      assertThat(problems).isEqualTo("Optional.empty");
      assertThat(two.asked()).contains("encrypt");
      await().until(() -> one.asked().equals(List.of("status")) && one.connections() == 0);
      assertThat(two.connections()).isEqualTo(1);
    }
  }

  @Test
  void aFileThatOthersMayReadIsRefused() throws IOException {
    Path file = file("secrets", gcm(ONE));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> EncryptionFile.read(file, time, Randomness.seeded(1)))
        .hasMessageContaining("by its owner only (chmod 600)");
  }
}
