package dev.coxswain.store.watch;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Event;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchCreateRequest.FilterType;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.watch.Watcher.WatchOptions;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * All watches of this member, served from its own applied state. Pure and single-threaded: the
 * dispatcher calls in, and {@link #pump} moves what was published since to whoever watches it.
 *
 * <p>A watch is synced (was given every published revision) or lagging (reads history until it
 * was). While its client is still being sent what came before, events collect, and go out as one
 * response: a response costs its transport many times what an event in it does, so that the more
 * there is to do, the cheaper it becomes. One whose client does not read becomes lagging and
 * catches up later; one that compaction overtakes is cancelled with the compact revision. Events of
 * one revision are never split between responses, unless the client asked for fragments.
 */
public final class WatchHub {
  /** A response is closed once it holds this many bytes of events. */
  private static final int RESPONSE_BYTES = 1 << 20;

  /** Revisions handed on between two looks at whether clients still keep up. */
  private static final int REVISIONS_A_PASS = 256;

  /** The identity of a response that concerns a whole stream, as in etcd. */
  private static final long WHOLE_STREAM = -1;

  private static final ByteString FIRST_KEY = ByteString.copyFrom(new byte[] {0});

  private final Supplier<Keyspace> keyspace;
  private final SyncedWatchers synced = new SyncedWatchers();
  private final Set<Watcher> lagging = new LinkedHashSet<>();
  private final Set<WatchStream> streams = new LinkedHashSet<>();

  /** Synced watches with events that their clients have not been sent yet. */
  private final Set<Watcher> due = new LinkedHashSet<>();

  /** Streams whose clients asked how far they are. */
  private final Set<WatchStream> asking = new LinkedHashSet<>();

  private long processed;

  // Written by the owning thread, read by whoever looks at the metrics.
  private volatile int watchers;
  private volatile int laggingWatchers;
  private volatile int openStreams;
  private final AtomicLong eventsSent = new AtomicLong();

  /** A hub over the current keyspace, which is another one after a snapshot was installed. */
  public WatchHub(Supplier<Keyspace> keyspace) {
    this.keyspace = keyspace;
    this.processed = keyspace.get().revision();
  }

  /** How many watches there are. */
  public int watchers() {
    return watchers;
  }

  /** How many streams are open. */
  public int streams() {
    return openStreams;
  }

  /** How many watches have yet to catch up. */
  public int lagging() {
    return laggingWatchers;
  }

  /** Events handed to clients so far. */
  public long eventsSent() {
    return eventsSent.get();
  }

  /** Opens a stream. */
  public WatchStream open(WatchSink sink) {
    WatchStream stream = new WatchStream(sink);
    boolean first = streams.isEmpty();
    streams.add(stream);
    // Before the revision is looked at: who publishes a later one finds that somebody watches.
    openStreams = streams.size();
    if (first) {
      processed = keyspace.get().revision();
    }
    return stream;
  }

  /** Ends a stream and all its watches. */
  public void close(WatchStream stream) {
    streams.remove(stream);
    asking.remove(stream);
    stream.watchers().values().forEach(this::forget);
    stream.watchers().clear();
  }

  /** Starts a watch and says so; its events follow. */
  public void create(WatchStream stream, WatchCreateRequest request) {
    Keyspace source = keyspace.get();
    long revision = source.revision();
    long wanted = request.getWatchId();
    WatchResponse.Builder created =
        WatchResponse.newBuilder().setHeader(header(revision)).setCreated(true);
    ByteString key = request.getKey().isEmpty() ? FIRST_KEY : request.getKey();
    if (isEmpty(key, request.getRangeEnd())) {
      stream.sink().send(refused(created, "mvcc: watcher range is empty"));
      return;
    }
    if (wanted != 0 && stream.watchers().containsKey(wanted)) {
      stream.sink().send(refused(created, "mvcc: duplicate watch ID provided on the WatchStream"));
      return;
    }
    long id = wanted != 0 ? wanted : stream.freeId();
    long start =
        request.getStartRevision() == 0 ? revision + 1 : Math.max(1, request.getStartRevision());
    WatchOptions options =
        new WatchOptions(
            !request.getFiltersList().contains(FilterType.NOPUT),
            !request.getFiltersList().contains(FilterType.NODELETE),
            request.getPrevKv(),
            request.getProgressNotify(),
            request.getFragment());
    Watcher watcher =
        new Watcher(stream, id, KeyRange.of(key, request.getRangeEnd()), options, start);
    stream.watchers().put(id, watcher);
    stream.sink().send(created.setWatchId(id).build());
    // Who asks for what is compacted is told so, though it may still be there.
    boolean compacted = request.getStartRevision() != 0 && start < source.compactRevision();
    if (start > processed && !compacted) {
      synced.add(watcher);
    } else {
      lagging.add(watcher);
    }
  }

  private static WatchResponse refused(WatchResponse.Builder created, String reason) {
    return created.setWatchId(WHOLE_STREAM).setCanceled(true).setCancelReason(reason).build();
  }

  /** Whether no key can lie in between; a range end of one zero byte means no end. */
  private static boolean isEmpty(ByteString key, ByteString rangeEnd) {
    return !rangeEnd.isEmpty()
        && !rangeEnd.equals(FIRST_KEY)
        && ByteString.unsignedLexicographicalComparator().compare(key, rangeEnd) >= 0;
  }

  /** Ends a watch at its client's wish; unknown ones are ignored, as in etcd. */
  public void cancel(WatchStream stream, long id) {
    Watcher watcher = stream.watchers().remove(id);
    if (watcher == null) {
      return;
    }
    forget(watcher);
    stream
        .sink()
        .send(
            WatchResponse.newBuilder()
                .setHeader(header(keyspace.get().revision()))
                .setWatchId(id)
                .setCanceled(true)
                .build());
  }

  /**
   * A client asks how far its stream is; answered once all its watches are synced, and not at all
   * when it has none.
   */
  public void askProgress(WatchStream stream) {
    if (!stream.watchers().isEmpty()) {
      asking.add(stream);
    }
  }

  /** Tells quiet watches that wanted to know it how far they are. */
  public void notifyProgress() {
    synced.forEach(watcher -> {
      if (watcher.options().progress()
          && watcher.takeIdle()
          && inStep(watcher)
          && watcher.stream().sink().ready()) {
        watcher.stream()
            .sink()
            .send(
                WatchResponse.newBuilder()
                    .setHeader(header(processed))
                    .setWatchId(watcher.id())
                    .build());
      }
    });
  }

  private void forget(Watcher watcher) {
    due.remove(watcher);
    if (!synced.remove(watcher)) {
      lagging.remove(watcher);
    }
  }

  /**
   * Moves events on. Returns true when there is more to do right away; false when the next write,
   * or a client that becomes ready again, must come first.
   */
  public boolean pump() {
    boolean more = move();
    watchers = synced.size() + lagging.size();
    laggingWatchers = lagging.size();
    openStreams = streams.size();
    return more;
  }

  private boolean move() {
    Keyspace source = keyspace.get();
    long published = source.revision();
    if (streams.isEmpty()) {
      processed = published;
      return false;
    }
    if (published < processed) {
      // The state was replaced by an older one; watches wait until it has caught up.
      return false;
    }
    long target = Math.min(published, processed + REVISIONS_A_PASS);
    // What is compacted and not yet swept is there: who keeps up has it all, as with etcd.
    if (source.sweptRevision() > processed + 1) {
      // History that nobody here has seen is gone: whoever needs it finds out as a lagging watch.
      handOver(processed);
      fallBehind();
      target = published;
    } else {
      collect(source, target);
      if (source.sweptRevision() > processed + 1) {
        // It went while it was being read: what was read may have holes.
        fallBehind();
        target = published;
      } else {
        handOver(target);
      }
    }
    processed = target;
    boolean more = processed < published;
    more |= catchUp(source);
    answerProgress();
    return more;
  }

  private void fallBehind() {
    due.forEach(Watcher::dropPending);
    for (Watcher watcher : synced.takeAll()) {
      if (!due.contains(watcher)) {
        watcher.seenUpTo(processed);
      }
      lagging.add(watcher);
    }
    due.clear();
  }

  private void collect(Keyspace source, long target) {
    for (long revision = processed + 1; revision <= target; revision++) {
      for (KeyVersion version : source.written(revision)) {
        SharedEvent event = new SharedEvent(version);
        synced.forEachInterested(
            version,
            watcher -> {
              if (watcher.wants(version)) {
                watcher.add(event.get(watcher.options()), version.modRevision());
                due.add(watcher);
              }
            });
      }
    }
  }

  private void handOver(long upTo) {
    for (Iterator<Watcher> each = due.iterator(); each.hasNext(); ) {
      Watcher watcher = each.next();
      if (watcher.stream().sink().ready()) {
        each.remove();
        send(watcher, upTo);
      } else if (watcher.hasMuchPending()) {
        each.remove();
        watcher.dropPending();
        synced.remove(watcher);
        lagging.add(watcher);
      }
    }
  }

  private boolean catchUp(Keyspace source) {
    boolean more = false;
    for (Iterator<Watcher> each = lagging.iterator(); each.hasNext(); ) {
      Watcher watcher = each.next();
      if (!watcher.stream().sink().ready()) {
        continue;
      }
      if (watcher.nextRevision() < source.compactRevision()) {
        each.remove();
        cancelCompacted(watcher, source.compactRevision());
        continue;
      }
      long target = Math.min(processed, watcher.nextRevision() - 1 + REVISIONS_A_PASS);
      long reached = collect(source, watcher, target);
      if (source.compactRevision() > watcher.nextRevision()) {
        // Compaction ran beside the reading: what was read may have holes.
        watcher.dropPending();
        more = true;
        continue;
      }
      if (watcher.hasPending()) {
        send(watcher, reached);
      }
      watcher.seenUpTo(reached);
      if (watcher.nextRevision() > processed) {
        each.remove();
        synced.add(watcher);
      } else {
        more = true;
      }
    }
    return more;
  }

  /** Collects a lagging watch's events and returns the last revision looked at. */
  private static long collect(Keyspace source, Watcher watcher, long target) {
    long bytes = 0;
    for (long revision = watcher.nextRevision(); revision <= target; revision++) {
      for (KeyVersion version : source.written(revision)) {
        if (watcher.range().contains(version.key()) && watcher.wants(version)) {
          Event event = new SharedEvent(version).get(watcher.options());
          watcher.add(event, revision);
          bytes += event.getSerializedSize();
        }
      }
      if (bytes >= RESPONSE_BYTES) {
        return revision;
      }
    }
    return target;
  }

  private void send(Watcher watcher, long upTo) {
    List<Event> events = watcher.takePending();
    eventsSent.addAndGet(events.size());
    WatchSink sink = watcher.stream().sink();
    WatchResponse.Builder response =
        WatchResponse.newBuilder().setHeader(header(upTo)).setWatchId(watcher.id());
    long bytes = 0;
    long revision = 0;
    for (Event event : events) {
      long next = event.getKv().getModRevision();
      boolean sameRevision = next == revision;
      if (bytes >= RESPONSE_BYTES && (!sameRevision || watcher.options().fragment())) {
        // Between two revisions a response simply ends; within one it is marked as a fragment.
        response.setFragment(sameRevision);
        response.setHeader(header(sameRevision ? upTo : revision));
        sink.send(response.build());
        response.clearEvents().clearFragment().setHeader(header(upTo));
        bytes = 0;
      }
      response.addEvents(event);
      bytes += event.getSerializedSize();
      revision = next;
    }
    sink.send(response.build());
    watcher.seenUpTo(upTo);
  }

  private void cancelCompacted(Watcher watcher, long compactRevision) {
    watcher.stream().watchers().remove(watcher.id());
    watcher.stream()
        .sink()
        .send(
            WatchResponse.newBuilder()
                .setHeader(header(processed))
                .setWatchId(watcher.id())
                .setCanceled(true)
                .setCompactRevision(compactRevision)
                .setCancelReason("mvcc: required revision has been compacted")
                .build());
  }

  private void answerProgress() {
    for (Iterator<WatchStream> each = asking.iterator(); each.hasNext(); ) {
      WatchStream stream = each.next();
      if (stream.sink().ready() && stream.watchers().values().stream().allMatch(this::inStep)) {
        each.remove();
        stream
            .sink()
            .send(
                WatchResponse.newBuilder()
                    .setHeader(header(processed))
                    .setWatchId(WHOLE_STREAM)
                    .build());
      }
    }
  }

  // A client that comes from a member that was ahead of this one names a revision that is yet to
  // come here: told of an earlier one, it would believe that time ran backwards.
  private boolean inStep(Watcher watcher) {
    return !watcher.hasPending()
        && watcher.nextRevision() <= processed + 1
        && !lagging.contains(watcher);
  }

  private static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
