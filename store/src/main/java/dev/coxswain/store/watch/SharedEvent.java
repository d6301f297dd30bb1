package dev.coxswain.store.watch;

import dev.coxswain.proto.etcd.Event;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.watch.Watcher.WatchOptions;
import org.jspecify.annotations.Nullable;

/** The wire form of one version's event, built once for all who watch it. */
final class SharedEvent {
  private final KeyVersion version;
  private @Nullable Event plain;
  private @Nullable Event withPrevious;

  SharedEvent(KeyVersion version) {
    this.version = version;
  }

  Event get(WatchOptions options) {
    Event event = plain;
    if (event == null) {
      event =
          Event.newBuilder()
              .setType(version.deleted() ? Event.EventType.DELETE : Event.EventType.PUT)
              .setKv(version.toKeyValue())
              .build();
      plain = event;
    }
    KeyVersion previous = version.previous();
    if (!options.previous() || previous == null || previous.deleted()) {
      return event;
    }
    Event full = withPrevious;
    if (full == null) {
      full = event.toBuilder().setPrevKv(previous.toKeyValue()).build();
      withPrevious = full;
    }
    return full;
  }
}
