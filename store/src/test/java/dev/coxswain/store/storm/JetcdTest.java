package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.election.NotLeaderException;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client library that others wrote, jetcd, against a real member: its ordinary use. */
final class JetcdTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int CALL_SECONDS = 60;

  @TempDir private Path directory;
  private MemberProcess member;
  private Client client;

  @BeforeEach
  void start() throws IOException {
    Host host = Host.named("one");
    member = new MemberProcess(List.of(), host.flags(directory.resolve("data")), log());
    member.start();
    Etcdctl.awaitWrites(host);
    client = Client.builder().endpoints(host.clientUrl()).build();
  }

  private Path log() {
    return directory.resolve("one.log");
  }

  @AfterEach
  void stop() {
    client.close();
    member.kill();
  }

  @Test
  void aTransactionTakesTheBranchItsComparisonsChoose() throws Exception {
    KV kv = client.getKVClient();
    TxnResponse first = create(kv, "counter", "1");
    assertThat(first.isSucceeded()).isTrue();
    TxnResponse second = create(kv, "counter", "2");
    assertThat(second.isSucceeded()).isFalse();
    assertThat(texts(second.getGetResponses().getFirst().getKvs())).containsExactly("1");
  }

  /** Puts a key that is not there; else tells what is. */
  private static TxnResponse create(KV kv, String key, String value) throws Exception {
    return done(
        kv.txn()
            .If(new Cmp(bytes(key), Cmp.Op.EQUAL, CmpTarget.version(0)))
            .Then(Op.put(bytes(key), bytes(value), PutOption.DEFAULT))
            .Else(Op.get(bytes(key), GetOption.DEFAULT))
            .commit());
  }

  @Test
  void aWatchFromThePastTellsEverythingOnceAndInOrder() throws Exception {
    KV kv = client.getKVClient();
    long before = done(kv.put(bytes("w/0"), bytes("0"))).getHeader().getRevision();
    for (int i = 1; i < 50; i++) {
      done(kv.put(bytes("w/" + i), bytes(Integer.toString(i))));
    }
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    WatchOption fromThen =
        WatchOption.builder().isPrefix(true).withRevision(before).withPrevKV(true).build();
    Watch.Watcher watcher =
        client
            .getWatchClient()
            .watch(
                bytes("w/"),
                fromThen,
                Watch.listener(
                    response -> response.getEvents().forEach(event -> seen.add(text(event)))));
    try {
      done(kv.delete(bytes("w/"), DeleteOption.builder().isPrefix(true).build()));
      Awaitility.await("all events").atMost(PATIENCE).until(() -> seen.size() == 100);
    } finally {
      watcher.close();
    }
    assertThat(List.copyOf(seen).subList(0, 3))
        .containsExactly("PUT w/0=0", "PUT w/1=1", "PUT w/2=2");
    assertThat(seen).filteredOn(event -> event.startsWith("DELETE")).hasSize(50);
  }

  @Test
  void aLockHeldByALeaseIsFreeWhenItsHolderIsGone() throws Exception {
    var leases = client.getLeaseClient();
    KV kv = client.getKVClient();
    long holder = done(leases.grant(10)).getID();
    assertThat(lock(kv, holder)).isTrue();
    long other = done(leases.grant(300)).getID();
    assertThat(lock(kv, other)).isFalse();
    done(leases.keepAliveOnce(holder));
    var left = done(leases.timeToLive(holder, LeaseOption.builder().withAttachedKeys().build()));
    assertThat(left.getKeys().stream().map(JetcdTest::text)).containsExactly("lock");
    // Nobody renews the holder's lease any more.
    Awaitility.await("the lock to be free").atMost(PATIENCE).until(() -> lock(kv, other));
    done(leases.revoke(other));
    assertThat(done(kv.get(bytes("lock"))).getKvs()).isEmpty();
  }

  @Test
  void theLockServiceLetsOneAfterTheOtherIn() throws Exception {
    Lock locks = client.getLockClient();
    long one = done(client.getLeaseClient().grant(60)).getID();
    long two = done(client.getLeaseClient().grant(60)).getID();
    ByteSequence held = done(locks.lock(bytes("door"), one)).getKey();
    assertThat(text(held)).isEqualTo("door/" + Long.toHexString(one));
    // Who holds it may ask again.
    assertThat(done(locks.lock(bytes("door"), one)).getKey()).isEqualTo(held);
    Future<LockResponse> waiting = locks.lock(bytes("door"), two);
    awaitKeys("door/", 2);
    assertThat(waiting.isDone()).isFalse();
    done(locks.unlock(held));
    ByteSequence next = done(waiting).getKey();
    assertThat(text(next)).isEqualTo("door/" + Long.toHexString(two));
    done(client.getLeaseClient().revoke(two));
    assertThat(done(locks.lock(bytes("door"), 0)).getKey()).isNotNull();
    assertThatThrownBy(() -> done(locks.lock(bytes("door"), two)))
        .hasMessageContaining("requested lease not found");
  }

  @Test
  void theElectionServiceHasOneLeaderAndTellsItsWord() throws Exception {
    Election elections = client.getElectionClient();
    long one = done(client.getLeaseClient().grant(60)).getID();
    long two = done(client.getLeaseClient().grant(60)).getID();
    assertThatThrownBy(() -> done(elections.leader(bytes("chair"))))
        .hasCauseInstanceOf(NoLeaderException.class);
    Queue<String> told = new ConcurrentLinkedQueue<>();
    elections.observe(
        bytes("chair"),
        new Election.Listener() {
          @Override
          public void onNext(LeaderResponse response) {
            told.add(text(response.getKv().getValue()));
          }

          @Override
          public void onError(Throwable failure) {
            told.add("failed: " + failure);
          }

          @Override
          public void onCompleted() {
            told.add("completed");
          }
        });
    LeaderKey first = done(elections.campaign(bytes("chair"), one, bytes("a"))).getLeader();
    Awaitility.await("a leader").atMost(PATIENCE).until(() -> told.contains("a"));
    Future<CampaignResponse> waiting = elections.campaign(bytes("chair"), two, bytes("c"));
    awaitKeys("chair/", 2);
    done(elections.proclaim(first, bytes("b")));
    Awaitility.await("its word").atMost(PATIENCE).until(() -> told.contains("b"));
    assertThat(text(done(elections.leader(bytes("chair"))).getKv().getValue())).isEqualTo("b");
    assertThat(waiting.isDone()).isFalse();
    done(elections.resign(first));
    assertThat(done(waiting).getLeader().getLease()).isEqualTo(two);
    Awaitility.await("the next").atMost(PATIENCE).until(() -> told.contains("c"));
    assertThat(List.copyOf(told)).containsExactly("a", "b", "c");
    assertThatThrownBy(() -> done(elections.proclaim(first, bytes("d"))))
        .hasCauseInstanceOf(NotLeaderException.class);
  }

  private void awaitKeys(String prefix, long count) {
    GetOption all = GetOption.builder().isPrefix(true).withCountOnly(true).build();
    Awaitility.await(count + " under " + prefix)
        .atMost(PATIENCE)
        .until(() -> done(client.getKVClient().get(bytes(prefix), all)).getCount() == count);
  }

  private static boolean lock(KV kv, long lease) throws Exception {
    return done(kv.txn()
            .If(new Cmp(bytes("lock"), Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
            .Then(
                Op.put(
                    bytes("lock"), bytes("held"), PutOption.builder().withLeaseId(lease).build()))
            .commit())
        .isSucceeded();
  }

  private static <T> T done(Future<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.get(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String text(WatchEvent event) {
    KeyValue pair = event.getKeyValue();
    return event.getEventType() + " " + text(pair.getKey()) + "=" + text(pair.getValue());
  }

  private static List<String> texts(List<KeyValue> pairs) {
    return pairs.stream().map(pair -> text(pair.getValue())).toList();
  }
}
