package dev.coxswain.store.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Event;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.store.watch.WatchHub;
import dev.coxswain.store.watch.WatchSink;
import dev.coxswain.store.watch.WatchStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A client that watches a range, sometimes reads slowly, and comes back with the next revision
 * after it lost its member, as real ones do. It may miss events only where it was told of a
 * compaction.
 */
final class WatchClient implements WatchSink {
  private final String from;
  private final String to;
  private final boolean previous;
  private final List<Event> seen = new ArrayList<>();
  private boolean ready = true;
  private boolean created;
  private long first;
  private long next;
  private long compactedAt;

  WatchClient(String from, String to, boolean previous, long first) {
    this.from = from;
    this.to = to;
    this.previous = previous;
    this.first = first;
    this.next = first;
  }

  void connect(WatchHub hub) {
    WatchStream open = hub.open(this);
    created = false;
    ready = true;
    hub.create(
        open,
        WatchCreateRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(from))
            .setRangeEnd(ByteString.copyFromUtf8(to))
            .setStartRevision(next)
            .setPrevKv(previous)
            .build());
  }

  void ready(boolean now) {
    ready = now;
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public void send(WatchResponse response) {
    if (response.getCreated()) {
      assertThat(created).as("created twice").isFalse();
      created = true;
      return;
    }
    assertThat(created).as("created is said first").isTrue();
    if (response.getCompactRevision() > 0) {
      assertThat(response.getCanceled()).isTrue();
      assertThat(response.getCompactRevision())
          .as("cancelled though nothing it needs was dropped")
          .isGreaterThan(next);
      compactedAt = response.getCompactRevision();
      return;
    }
    for (Event event : response.getEventsList()) {
      long revision = event.getKv().getModRevision();
      assertThat(revision).as("order of events").isGreaterThanOrEqualTo(next - 1);
      assertThat(revision).as("event of an old revision").isGreaterThanOrEqualTo(first);
      seen.add(event);
    }
    assertThat(response.getHeader().getRevision()).isGreaterThanOrEqualTo(next - 1);
    next = Math.max(next, response.getHeader().getRevision() + 1);
  }

  /** A planted bug: what was received is received no more. */
  void forgetOneEvent() {
    if (!seen.isEmpty()) {
      seen.removeLast();
    }
  }

  /** Starts over after a compaction, as a client that lists again would. */
  boolean restartAfterCompaction(WatchHub hub) {
    if (compactedAt == 0) {
      return false;
    }
    first = compactedAt;
    next = compactedAt;
    compactedAt = 0;
    seen.clear();
    connect(hub);
    return true;
  }

  /** Everything the client was told must be what the model wrote from its first revision on. */
  void verify(Model model) {
    List<Event> left = new ArrayList<>(seen);
    for (Model.Change change : model.changesFrom(first)) {
      if (change.key().compareTo(from) < 0 || change.key().compareTo(to) >= 0) {
        continue;
      }
      Model.Entry now = change.now();
      assertThat(left).as("an event of %s is missing", change).isNotEmpty();
      Event event = left.removeFirst();
      assertThat(event.getKv().getKey().toStringUtf8()).isEqualTo(change.key());
      assertThat(event.getType() == Event.EventType.DELETE).isEqualTo(now == null);
      if (now != null) {
        assertThat(event.getKv().getValue().toStringUtf8()).isEqualTo(now.value());
        assertThat(event.getKv().getCreateRevision()).isEqualTo(now.create());
        assertThat(event.getKv().getVersion()).isEqualTo(now.version());
        assertThat(event.getKv().getLease()).isEqualTo(now.lease());
      }
      Model.Entry before = change.before();
      if (event.hasPrevKv()) {
        assertThat(previous).isTrue();
        assertThat(before).isNotNull();
        if (before != null) {
          assertThat(event.getPrevKv().getValue().toStringUtf8()).isEqualTo(before.value());
        }
      }
    }
    assertThat(left).as("events that nobody wrote").isEmpty();
  }
}
