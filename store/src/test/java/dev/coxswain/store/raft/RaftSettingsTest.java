package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.tls.TestPki;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcUtil;
import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings without which Ratis acknowledges what may be lost; each was seen to matter. */
final class RaftSettingsTest {
  private static final Duration ELECTION = Duration.ofMillis(700);

  @TempDir private Path directory;

  private final RaftProperties properties =
      RaftSettings.properties(TestNodes.first(Path.of("unused"), ELECTION, TestNodes.ANYWHERE));

  @Test
  void anEntryIsFlushedBeforeItIsAcknowledged() {
    assertThat(RaftServerConfigKeys.Log.unsafeFlushEnabled(properties)).isFalse();
    assertThat(RaftServerConfigKeys.Log.asyncFlushEnabled(properties)).isFalse();
  }

  /**
   * A storm found it: a follower took a batch that was sent again, grown longer, for the one it was
   * just appending, and acknowledged entries that it never had.
   */
  @Test
  void aFollowerAppendsWhatItAcknowledges() {
    assertThat(RaftServerConfigKeys.Log.appendEntriesComposeEnabled(properties)).isFalse();
  }

  /** A member that was away for a minute is spoken to at once when it is back. */
  @Test
  void howOftenAMemberCouldNotBeReachedDoesNotDelayItsReturn() {
    RetryPolicy policy =
        RetryPolicy.parse(RaftServerConfigKeys.Log.Appender.retryPolicy(properties));
    for (int errors = 1; errors < 100_000; errors *= 10) {
      int count = errors;
      RetryPolicy.Action action = policy.handleAttemptFailure(() -> count);
      assertThat(action.shouldRetry()).isTrue();
      assertThat(action.getSleepTime().toLong(TimeUnit.MILLISECONDS)).isLessThan(200);
    }
  }

  /** Keys as openssl and cfssl write them, not only in PKCS#8. */
  @Test
  void peersKeysMayBeOfEveryFormThatEtcdTakes() throws Exception {
    TestPki pki = new TestPki("peers");
    Path authority = TestPki.write(directory.resolve("ca.pem"), pki.authorityPem());
    for (KeyPair keys : List.of(TestPki.ecKeys(), TestPki.rsaKeys())) {
      TestPki.Issued issued = pki.issue(keys, "CN=m0", "127.0.0.1");
      PeerTls files =
          new PeerTls(
              TestPki.write(directory.resolve("m0.pem"), issued.certificatePem()),
              TestPki.write(directory.resolve("m0-key.pem"), issued.traditionalKeyPem()),
              authority);
      assertThat(GrpcUtil.buildSslContextForServer(RaftSettings.tls(files)).isServer()).isTrue();
      assertThat(GrpcUtil.buildSslContextForClient(RaftSettings.tls(files)).isClient()).isTrue();
      assertThat(PeerPort.clientContext(files).isClient()).isTrue();
    }
  }
}
