package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.snapshot.SnapshotFile;
import dev.coxswain.store.snapshot.StateCapture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EarlyReadTest {
  @TempDir private Path directory;

  private Path snapshot(long index, int writes) throws IOException {
    StoreState state = new StoreState();
    for (int i = 0; i < writes; i++) {
      var _ =
          state.apply(
              new Operation.Put(
                  PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k" + i)).build()));
    }
    Path file = directory.resolve("snapshot.1_" + index);
    try (OutputStream out = Files.newOutputStream(file)) {
      SnapshotFile.write(StateCapture.of(state), out);
    }
    return file;
  }

  @Test
  void readsTheNewestOnceHoweverItsDirectoryIsCalled() throws IOException {
    Path older = snapshot(7, 1);
    Path newer = snapshot(20, 2);
    Path here = Path.of("").toAbsolutePath();
    EarlyRead early = new EarlyRead(here.relativize(directory.toAbsolutePath()));
    assertThat(early.holds(older)).isFalse();
    assertThat(early.holds(newer)).isTrue();
    assertThat(early.take(newer).keyspace().liveKeys()).isEqualTo(2);
    assertThat(early.holds(newer)).isFalse();
    assertThat(early.take(older).keyspace().liveKeys()).isEqualTo(1);
  }

  @Test
  void damageIsToldToWhoAsks() throws IOException {
    Path file = snapshot(7, 3);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    EarlyRead early = new EarlyRead(directory);
    assertThatThrownBy(() -> early.take(file)).isInstanceOf(IOException.class);
  }

  @Test
  void nothingIsReadWhereThereIsNothing() throws IOException {
    EarlyRead early = new EarlyRead(directory.resolve("none"));
    assertThat(early.holds(directory.resolve("snapshot.1_7"))).isFalse();
  }
}
