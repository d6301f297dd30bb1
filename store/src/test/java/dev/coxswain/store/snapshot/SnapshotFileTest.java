package dev.coxswain.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotFileTest {
  @TempDir private Path directory;

  @Test
  void stateComesBackAsItWas() throws IOException {
    StoreState state = state();
    StoreState read = SnapshotFile.read(write(state));
    assertThat(read.keyspace().revision()).isEqualTo(state.keyspace().revision());
    assertThat(read.keyspace().hash(101)).isEqualTo(state.keyspace().hash(101));
    assertThat(read.keyspace().bytes()).isEqualTo(state.keyspace().bytes());
    assertThat(read.keyspace().liveKeys()).isEqualTo(state.keyspace().liveKeys());
    assertThat(read.leases().keys(7)).hasSize(1);
    assertThat(read.members().all()).isEqualTo(state.members().all());
  }

  @Test
  void valuesOfEverySizeComeBack() throws IOException {
    StoreState state = state();
    for (int i = 0; i < 40; i++) {
      state.apply(put("large-" + i, "v".repeat(i * 40_000 + i), 0));
    }
    StoreState read = SnapshotFile.read(write(state));
    assertThat(read.keyspace().hash(141)).isEqualTo(state.keyspace().hash(141));
    assertThat(read.keyspace().bytes()).isEqualTo(state.keyspace().bytes());
  }

  @Test
  void whatIsWrittenAfterTheCaptureIsNotInIt() throws IOException {
    StoreState state = state();
    StateCapture capture = StateCapture.of(state);
    state.apply(put("key-1", "later", 0));
    state.apply(put("new", "later", 0));
    Path file = directory.resolve("snapshot");
    try (OutputStream out = Files.newOutputStream(file)) {
      SnapshotFile.write(capture, out);
    }
    assertThat(SnapshotFile.read(file).keyspace().hash(101))
        .isEqualTo(state().keyspace().hash(101));
  }

  @Test
  void flippedBitsAndMissingEndsAreNoticed() throws IOException {
    Path file = write(state());
    byte[] sound = Files.readAllBytes(file);
    for (int at = 0; at < sound.length; at += 37) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 16;
      Files.write(file, damaged);
      assertThatThrownBy(() -> SnapshotFile.read(file)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> SnapshotFile.verify(file)).isInstanceOf(IOException.class);
    }
    Files.write(file, java.util.Arrays.copyOf(sound, sound.length - 10));
    assertThatThrownBy(() -> SnapshotFile.read(file)).isInstanceOf(IOException.class);
    Files.write(file, sound);
    SnapshotFile.verify(file);
  }

  private Path write(StoreState state) throws IOException {
    Path file = directory.resolve("snapshot");
    try (OutputStream out = Files.newOutputStream(file)) {
      SnapshotFile.write(StateCapture.of(state), out);
    }
    return file;
  }

  private static StoreState state() {
    StoreState state = new StoreState();
    state.apply(
        new Operation.LeaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build()));
    state.apply(new Operation.MemberSet(Member.newBuilder().setID(1).setName("m").build()));
    for (int i = 0; i < 100; i++) {
      state.apply(put("key-" + i % 10, "value-" + i, i == 95 ? 7 : 0));
    }
    return state;
  }

  private static Operation put(String key, String value, long lease) {
    return new Operation.Put(
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value))
            .setLease(lease)
            .build());
  }
}
