package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.store.disk.DamagedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VoteRecordTest {
  @TempDir private Path group;
  private Path meta = Path.of("");

  @BeforeEach
  void begin() throws IOException {
    meta = Files.createDirectories(group.resolve("current")).resolve("raft-meta");
  }

  private void say(String term, String candidate) throws IOException {
    Files.writeString(meta, "#\n#a day\nterm=" + term + "\nvotedFor=" + candidate + "\n");
  }

  private void check() throws IOException {
    new VoteRecord(group).check();
  }

  @Test
  void aMemberThatNeverVotedHasNothingToCheck() throws IOException {
    check();
    say("1", "");
    check();
  }

  @Test
  void whatComesAfterTheLastVoteIsBelieved() throws IOException {
    say("7", "");
    new VoteRecord(group).keep();
    check();
    say("7", "a1");
    check();
    new VoteRecord(group).keep();
    check();
    say("9", "b2");
    check();
  }

  @Test
  void anotherVoteInTheSameTermIsDamage() throws IOException {
    say("7", "a1");
    new VoteRecord(group).keep();
    for (String other : new String[] {"a5", ""}) {
      say("7", other);
      assertThatThrownBy(this::check).isInstanceOf(DamagedException.class);
    }
  }

  @Test
  void anEarlierTermIsDamage() throws IOException {
    say("7", "a1");
    new VoteRecord(group).keep();
    say("5", "a1");
    assertThatThrownBy(this::check)
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("raft-meta is damaged");
    Files.delete(meta);
    assertThatThrownBy(this::check).hasMessageContaining("is lost");
  }

  @Test
  void whatCannotBeReadIsDamage() throws IOException {
    for (String text : new String[] {"term=7\nvotedNor=a1\n", "tern=7\nvotedFor=a1\n", "\\u00"}) {
      Files.writeString(meta, text);
      assertThatThrownBy(this::check).isInstanceOf(DamagedException.class);
    }
  }

  @Test
  void everyBitOfItsOwnRecordIsChecked() throws IOException {
    say("7", "a1");
    new VoteRecord(group).keep();
    Path record = group.resolve("votes");
    byte[] sound = Files.readAllBytes(record);
    say("5", "b2");
    for (int bit = 0; bit < sound.length * Byte.SIZE; bit++) {
      byte[] flipped = sound.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      Files.write(record, flipped);
      // It cannot speak against the other any more, and says nothing wrong.
      check();
    }
    Files.write(record, sound);
    assertThatThrownBy(this::check).isInstanceOf(DamagedException.class);
    assertThat(record).exists();
  }
}
