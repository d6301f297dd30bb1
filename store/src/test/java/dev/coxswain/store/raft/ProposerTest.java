package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.proto.etcd.WriteTimes;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class ProposerTest {
  private record Submitted(Batch batch, CompletableFuture<Object> done) {
    void apply() {
      for (int i = 0; i < batch.size(); i++) {
        batch.answer(i, new Outcome.Done(PutResponse.getDefaultInstance()));
      }
      done.complete("applied");
    }
  }

  private final List<Submitted> log = new ArrayList<>();
  private final List<Runnable> endOfTurn = new ArrayList<>();
  private boolean inTurn;
  private int quiet;
  private final ManualTime time = new ManualTime();
  private final Proposer proposer =
      new Proposer(
          new Proposer.Log() {
            @Override
            public CompletableFuture<?> append(Batch batch) {
              Submitted one = new Submitted(batch, new CompletableFuture<>());
              log.add(one);
              return one.done();
            }

            @Override
            public void soon(Runnable task) {
              if (inTurn) {
                endOfTurn.add(task);
              } else {
                task.run();
              }
            }

            @Override
            public void quiet() {
              quiet++;
            }
          },
          time,
          Duration.ofSeconds(7));

  @Test
  void loneOperationGoesAtOnce() {
    CompletableFuture<Outcome> answer = propose(10);
    assertThat(log).hasSize(1);
    log.getFirst().apply();
    assertThat(answer).isCompletedWithValueMatching(Outcome.Done.class::isInstance);
    assertThat(proposer.pending()).isZero();
  }

  @Test
  void whatComesDuringAFlushSharesTheNextEntry() {
    submit(10);
    for (int i = 0; i < 50; i++) {
      submit(10);
    }
    assertThat(log).hasSize(1);
    log.getFirst().apply();
    assertThat(log).hasSize(2);
    assertThat(log.getLast().batch().size()).isEqualTo(50);
  }

  @Test
  void whatArrivesTogetherSharesAnEntry() {
    inTurn = true;
    for (int i = 0; i < 50; i++) {
      submit(10);
    }
    assertThat(log).isEmpty();
    endOfTurn.forEach(Runnable::run);
    assertThat(log).singleElement().satisfies(one -> assertThat(one.batch().size()).isEqualTo(50));
  }

  @Test
  void quietIsSaidOnceNoEntryFollows() {
    submit(10);
    submit(10);
    log.get(0).apply();
    assertThat(quiet).isZero();
    log.get(1).apply();
    assertThat(quiet).isEqualTo(1);
  }

  @Test
  void aSlowTransactionsAnswerSaysWhereItsTimeWent() {
    Operation transaction = new Operation.Txn(TxnRequest.getDefaultInstance());
    var first = proposer.propose(transaction);
    time.advance(Duration.ofMillis(10));
    var second = proposer.propose(transaction);
    time.advance(Duration.ofMillis(1));
    assertThat(answered(log.get(0), first, 2, 80).hasWriteTimes()).isFalse();
    WriteTimes times = answered(log.get(1), second, 3, 20).getWriteTimes();
    assertThat(times)
        .isEqualTo(
            WriteTimes.newBuilder()
                .setWaited(83_000_000)
                .setAppended(3_000_000)
                .setCommitted(20_000_000)
                .build());
  }

  private ResponseHeader answered(
      Submitted entry, CompletableFuture<Outcome> answer, int appended, int committed) {
    time.advance(Duration.ofMillis(appended));
    entry.batch().markAppended(time.nanos());
    time.advance(Duration.ofMillis(committed));
    entry.batch().markCommitted(time.nanos());
    ResponseHeader header = ResponseHeader.newBuilder().setRevision(5).build();
    entry.batch().answer(0, new Outcome.Done(TxnResponse.newBuilder().setHeader(header).build()));
    entry.done().complete("applied");
    ResponseHeader told = ((TxnResponse) ((Outcome.Done) answer.join()).response()).getHeader();
    assertThat(told.getRevision()).isEqualTo(5);
    return told;
  }

  @Test
  void itIsToldWhereTheTimeOfAnEntryWent() {
    List<EntryTimes> told = new ArrayList<>();
    proposer.onWritten(told::add);
    submit(10);
    submit(10);
    submit(10);
    time.advance(Duration.ofNanos(1));
    log.get(0).apply();
    assertThat(told).isEmpty();
    Batch second = log.get(1).batch();
    time.advance(Duration.ofNanos(2));
    second.markAppended(time.nanos());
    time.advance(Duration.ofNanos(4));
    second.markCommitted(time.nanos());
    time.advance(Duration.ofNanos(8));
    log.get(1).apply();
    assertThat(told).containsExactly(new EntryTimes(2, 1, 2, 4, 8));
  }

  @Test
  void entriesStayBelowTheirSize() {
    submit(10);
    for (int i = 0; i < 5; i++) {
      submit(400 * 1024);
    }
    log.get(0).apply();
    log.get(1).apply();
    assertThat(log.subList(1, 3)).allSatisfy(one -> assertThat(one.batch().size()).isEqualTo(2));
  }

  @Test
  void failureBeforeTheLogMayBeTriedElsewhereButNotAfter() {
    CompletableFuture<Outcome> before = propose(1);
    log.get(0).done().completeExceptionally(new IOException("not the leader"));
    CompletableFuture<Outcome> after = propose(1);
    log.get(1).batch().markAppended(time.nanos());
    log.get(1).done().completeExceptionally(new IOException("no leader any more"));
    assertThat(before)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(NotLeading.class);
    assertThat(after)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining(StoreError.TIMEOUT_LEADER_FAILED.message());
  }

  @Test
  void waitingTooLongFails() {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(propose(1));
    }
    time.advance(Duration.ofSeconds(6));
    proposer.expire();
    assertThat(answers).noneMatch(CompletableFuture::isDone);
    time.advance(Duration.ofSeconds(2));
    proposer.expire();
    assertThat(answers).allMatch(CompletableFuture::isCompletedExceptionally);
  }

  /** Whatever is too late just as it is taken into an entry, each gets one answer. */
  @Test
  void nobodyIsForgottenWhenLateOnesAreTakenOutBesideAnEntryBeingFormed() throws Exception {
    Proposer hasty =
        new Proposer(
            batch -> {
              for (int i = 0; i < batch.size(); i++) {
                batch.answer(i, new Outcome.Done(PutResponse.getDefaultInstance()));
              }
              return CompletableFuture.completedFuture("applied");
            },
            time,
            Duration.ZERO);
    Operation.Put small = put(1);
    var ended = new AtomicBoolean();
    Thread expiring =
        Thread.ofPlatform()
            .start(() -> {
              while (!ended.get()) {
                hasty.expire();
              }
            });
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    List<Thread> asking = new ArrayList<>();
    for (int asker = 0; asker < 2; asker++) {
      asking.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 100_000; i++) {
                  CompletableFuture<Outcome> answer = hasty.propose(small);
                  synchronized (answers) {
                    answers.add(answer);
                  }
                }
              }));
    }
    for (Thread thread : asking) {
      thread.join();
    }
    ended.set(true);
    expiring.join();
    hasty.expire();
    assertThat(answers.stream().filter(answer -> !answer.isDone()).count())
        .as("proposals without an answer")
        .isZero();
    assertThat(hasty.pending()).isZero();
  }

  /** The log would not take it, and its leader would have to go. */
  @Test
  void whatIsLargerThanAnyRequestIsRefused() {
    submit(1536 << 10);
    assertThat(log).as("the largest request, and what stands around it").hasSize(1);
    log.getFirst().apply();
    CompletableFuture<Outcome> larger = propose(1601 << 10);
    assertThat(log).hasSize(1);
    assertThat(larger)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining(StoreError.REQUEST_TOO_LARGE.message());
    assertThat(proposer.pending()).isZero();
  }

  @Test
  void tooManyAreRefused() {
    CompletableFuture<Outcome> last = propose(1);
    for (int i = 0; i < 20_000; i++) {
      last = propose(1);
    }
    assertThat(last)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining(StoreError.TOO_MANY_REQUESTS.message());
  }

  /** Proposes something whose answer the test does not look at. */
  private void submit(int bytes) {
    var _ = propose(bytes);
  }

  private CompletableFuture<Outcome> propose(int bytes) {
    return proposer.propose(put(bytes));
  }

  private static Operation.Put put(int bytes) {
    return new Operation.Put(
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setValue(ByteString.copyFrom(new byte[bytes]))
            .build());
  }
}
