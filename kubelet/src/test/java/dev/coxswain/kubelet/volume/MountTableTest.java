package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.volume.MountTable.Entry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MountTableTest {
  @Test
  void aLineTellsWhatIsMountedWhere() {
    assertThat(
            Entry.of(
                "36 25 8:1 /data\\040one /mnt/a\\040b rw,noatime shared:1 - ext4 /dev/sda1 rw"))
        .contains(new Entry("8:1", Path.of("/data one"), Path.of("/mnt/a b")));
    assertThat(Entry.of("22 1 0:21 / /proc rw,relatime - proc proc rw"))
        .contains(new Entry("0:21", Path.of("/"), Path.of("/proc")));
  }

  /** As the kernel writes them, of a volume and of a sub-path that is pinned. */
  @Test
  void whatIsMountedOfAServerIsTheServersPath() {
    assertThat(Entry.of(nfs("293 27 0:42 / /pods/u1/data", "192.168.77.12:/")))
        .contains(new Entry("0:42", Path.of("/"), Path.of("/pods/u1/data")));
    assertThat(Entry.of(nfs("294 27 0:42 / /pods/u1/0", "192.168.77.12:/logs\\040of/one")))
        .contains(new Entry("0:42", Path.of("/logs of/one"), Path.of("/pods/u1/0")));
    assertThat(Entry.of(nfs("295 27 0:42 / /pods/u1/1", "[fd00::5]:/exports/a")))
        .contains(new Entry("0:42", Path.of("/exports/a"), Path.of("/pods/u1/1")));
  }

  @Test
  void whatHasNoPathIsLeftOut() {
    assertThat(Entry.of("43 42 0:4 net:[4026533612] /run/netns/a rw shared:14 - nsfs nsfs rw"))
        .isEmpty();
    assertThat(Entry.of("")).isEmpty();
  }

  private static String nfs(String mount, String source) {
    return mount + " rw,relatime shared:132 - nfs4 " + source + " rw,vers=4.2,hard,proto=tcp";
  }
}
